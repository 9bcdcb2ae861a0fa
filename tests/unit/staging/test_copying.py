"""A number that an integer column cannot hold is an error; its last bits are never written in its place."""

from __future__ import annotations

import pytest

from cchc.staging.copying import column, field


@pytest.mark.parametrize(("type_name", "bits"), [("integer", 32), ("bigint", 64)])
def test_whole_numbers_are_written_whole_or_not_at_all(type_name: str, bits: int) -> None:
    write = field(type_name)
    least, most = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1
    for number in (least, -1, 0, 1, most):
        data = write(number)
        assert int.from_bytes(data[:4]) == len(data) - 4 == bits // 8
        assert int.from_bytes(data[4:], signed=True) == number
    for number in (least - 1, most + 1, 2**bits, 2**bits + 5, 10**30):
        with pytest.raises(OverflowError, match=f"{bits} bits") as caught:
            write(number)
        assert str(number) not in str(caught.value)
    assert write(None) == b"\xff\xff\xff\xff"


def test_a_column_with_one_such_number_is_not_written() -> None:
    with pytest.raises(OverflowError):
        column(field("integer"), [1, 2**32 + 1, None])
