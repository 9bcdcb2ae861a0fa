"""From which number on the province is told of records that left the numbers."""

import pytest

from cchc.alerting.removals import Removal, counted
from cchc.catalogue.models import Province


@pytest.mark.parametrize(
    ("removed", "known", "is_large"),
    [
        (19, 20, False),  # nearly all of a small office's
        (20, 399, True),
        (20, 400, False),  # 5 % sharp
        (21, 400, True),
        (500, 100_000, False),
        (0, None, False),  # some came back, that is all
    ],
)
def test_much_is_a_share_and_a_number(removed: int, known: int | None, is_large: bool) -> None:
    removal = Removal("A", "a-motcua", "dossier", removed, 3, known, False, (), ())
    province = Province(code="H14", name="Tỉnh thử")
    assert removal.is_large(province) is is_large
    assert not removal.is_large(province.model_copy(update={"warn_drop_records": 1000}))


@pytest.mark.parametrize(
    ("numbers", "said"),
    [
        ([(1000, 0), (234, 7)], "1.234 bản ghi đã gỡ khỏi số liệu"),
        ([(0, 3), (0, 4)], "7 bản ghi được tính lại"),
    ],
)
def test_a_subject_says_what_is_gone_or_else_what_came_back(
    numbers: list[tuple[int, int]], said: str
) -> None:
    assert (
        counted(Removal("A", "a", "dossier", gone, back, None, False, (), ()) for gone, back in numbers)
        == said
    )
