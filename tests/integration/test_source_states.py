"""Registers that a unit does not keep (`without`): nobody waits for them; undeclared ones are waited for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text

from cchc.catalogue.base import DatasetName
from cchc.catalogue.indicators import IndicatorSet
from cchc.catalogue.load import load as load_catalogue
from cchc.catalogue.models import Catalogue
from cchc.catalogue.profiles import DatasetMap
from cchc.errors import ContractBroken
from cchc.indicators import compute, periods
from cchc.ops import doctor
from cchc.publishing import closing
from cchc.publishing.content import SourceState, gather
from cchc.publishing.open_data.edition import data
from cchc.settings import SHIPPED_CATALOGUE, Settings, Smtp, settings
from cchc.sources.connector import Connection
from cchc.warehouse import marts
from integration import pulling
from integration.indicator_facts import at, watermark, write
from integration.rows import new_run
from integration.seed_unit import DAY, UNIT, catalogue, load

SOURCE = "sgddt-sotay"
MONTH = periods.parse("2026-11")  # 15 October to 14 November
PETITIONS = IndicatorSet.model_validate(
    {
        "code": "petitions",
        "title": "Phản ánh",
        "indicators": [
            {"code": code, "title": code, "unit": "phản ánh", "basis": "thử", "value": [{"measure": measure}]}
            for code, measure in (
                ("petitions-answered", "petitions_answered"),
                ("petitions", "petitions"),  # that a unit may also report
            )
        ],
    }
)


def _province(without: Sequence[DatasetName] = ()) -> Catalogue:
    """Return the seed's unit with a register of petitions in its profile, and an indicator about them alone."""
    shipped = catalogue([])
    registers = shipped.profiles["registers"]
    more = registers.model_copy(
        update={"datasets": registers.datasets | {"petition": DatasetMap(fields={})}, "options": {}}
    )
    own = shipped.sources[SOURCE].model_copy(update={"without": tuple(without)})
    return shipped.model_copy(
        update={
            "profiles": shipped.profiles | {"registers": more},
            "sources": {SOURCE: own},
            "indicator_sets": {"petitions": PETITIONS},
        }
    )


def _state(engine: Engine, province: Catalogue) -> SourceState:
    with engine.connect() as connection:
        (state,) = gather(connection, province, DAY).sources
    return state


def _answered(engine: Engine, province: Catalogue, unit: str = UNIT) -> compute.IndicatorValue:
    answered, taken = compute.compute(engine, province, PETITIONS, [unit], MONTH, day=DAY)
    assert (taken.value, taken.coverage) == (answered.value, answered.coverage)
    assert (taken.lacking, taken.reason) == (answered.lacking, answered.reason)
    return answered


def test_a_register_that_is_not_kept_is_neither_missing_nor_stale(warehouse: Engine) -> None:
    load(warehouse)
    assert _state(warehouse, _province(["petition"])).is_fresh
    assert _state(warehouse, _province(["petition"])).problem is None
    never = _state(warehouse, _province())
    assert (never.is_fresh, never.fresh_to, never.problem) == (
        False,
        None,
        "chưa có dữ liệu đến ngày báo cáo",
    )
    watermark(warehouse, UNIT, SOURCE, DAY - timedelta(1), "petition")
    vanished = _state(warehouse, _province())
    assert (vanished.is_fresh, vanished.fresh_to) == (False, DAY - timedelta(1))
    assert _state(warehouse, _province(["petition"])).is_fresh
    watermark(warehouse, UNIT, SOURCE, DAY, "petition")
    assert _state(warehouse, _province()).is_fresh
    # what is kept and late is late, whatever is not kept
    with warehouse.begin() as connection:
        connection.execute(
            text("update ops.watermark set complete_to = '2026-11-01' where dataset = 'procedure'")
        )
    assert _state(warehouse, _province(["petition"])).fresh_to == date(2026, 11, 1)


def test_a_number_of_it_says_that_the_unit_keeps_none(warehouse: Engine) -> None:
    load(warehouse)
    none = _answered(warehouse, _province(["petition"]))
    assert (none.value, none.printed, none.coverage, none.lacking) == (None, None, None, ())
    assert none.reason == "đơn vị không mở sổ theo dõi phản ánh, kiến nghị"
    waited = _answered(warehouse, _province())
    assert (waited.value, waited.coverage, waited.lacking) == (None, 0, (SOURCE,))
    assert waited.reason == "chưa có dữ liệu phản ánh, kiến nghị từ Sổ tay Sở Giáo dục và Đào tạo"
    whole = _answered(warehouse, _province(["petition"]), "H14")
    assert whole.reason == "không có nguồn nào cung cấp dữ liệu phản ánh, kiến nghị cho kỳ này"


def test_what_the_unit_reports_instead_is_its_number(warehouse: Engine) -> None:
    load(warehouse)
    reported = {"measure_code": "petitions", "period_from": MONTH.start, "period_to": MONTH.end, "value": 5}
    write(warehouse, "reported_measure", UNIT, SOURCE, [reported])
    values = compute.compute(warehouse, _province(["petition"]), PETITIONS, [UNIT, "H14"], MONTH, day=DAY)
    assert [(v.value, v.coverage, v.lacking) for v in values if v.indicator_code == "petitions"] == [
        (5, 1, ())
    ] * 2
    assert {v.value for v in values if v.indicator_code == "petitions-answered"} == {None}


@pytest.fixture
def november(warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Engine:
    monkeypatch.setenv("CCHC_ANCHOR", str(tmp_path / "anchor"))
    settings.cache_clear()
    new_run(warehouse, DAY)
    load(warehouse)
    return warehouse


@pytest.mark.parametrize(
    ("without", "delivered_to", "lacking"),
    [
        (["petition"], None, ()),  # never came, and nobody waits
        (["petition"], date(2026, 11, 1), ()),  # given up
        ([], None, (SOURCE,)),  # never came
        ([], date(2026, 11, 1), (SOURCE,)),  # vanished
        ([], DAY, ()),
    ],
)
def test_a_closed_period_lacks_what_should_have_come_and_nothing_else(
    november: Engine, without: list[DatasetName], delivered_to: date | None, lacking: tuple[str, ...]
) -> None:
    if delivered_to is not None:
        watermark(november, UNIT, SOURCE, delivered_to, "petition")
    province = _province(without)
    said = closing.preview(november, province, MONTH)
    assert f"- nguồn chưa đủ số liệu của kỳ: {', '.join(lacking) or 'không có'}" in said.splitlines()
    assert "danh mục nguồn" not in said
    closed = closing.close(november, province, MONTH, "Nguyễn Văn A")
    assert closed.lacking == lacking
    assert (closed.sources_expected, closed.sources_complete) == (1, 1 - len(lacking))


def test_what_comes_all_the_same_is_counted_and_told(november: Engine) -> None:
    answered = {"petition_code": "p", "received_at": at("2026-11-02"), "answered_at": at("2026-11-10")}
    write(november, "petition", UNIT, SOURCE, [answered])
    watermark(november, UNIT, SOURCE, DAY, "petition")
    marts.refresh(november)
    province = _province(["petition"])
    assert _answered(november, province).value == 1
    state = _state(november, province)
    assert (state.is_fresh, state.problem) == (True, None)
    told = "danh mục nguồn ghi đơn vị không mở sổ theo dõi phản ánh, kiến nghị, nhưng nguồn có gửi"
    assert state.notice == f"{told}; đã đọc như thường"
    with november.connect() as connection:
        made = data(gather(connection, province, DAY), province)
    assert told in made["sources.csv"].decode("utf-8-sig")
    assert told in made["indicators.json"].decode()
    assert told in closing.preview(november, province, MONTH)
    assert _state(november, _province()).notice is None


def test_the_doctor_does_not_wait_for_it(november: Engine, tmp_path: Path) -> None:
    installed = Settings(
        home=tmp_path,
        warehouse_dsn=november.url.render_as_string(hide_password=False),
        catalogue=SHIPPED_CATALOGUE,
        landing=str(tmp_path / "landing"),
        releases=tmp_path / "releases",
        smtp=Smtp(),
    )
    found = {f.check: f for f in doctor.diagnose(installed, _province(["petition"]))}
    assert (found["sources"].level, found["sources"].message) == ("ok", f"all 1 are up to {DAY}")


def test_a_file_of_it_is_not_demanded_and_read_where_it_is(warehouse: Engine, tmp_path: Path) -> None:
    """Also of a register whose file the profile expects of every unit."""
    shipped = load_catalogue(SHIPPED_CATALOGUE)
    assert shipped.sources[SOURCE].without == ("petition",)
    folder = tmp_path / "registers" / "sgddt"
    folder.mkdir(parents=True)
    others: tuple[DatasetName, ...] = ("procedure", "procedure_review", "reported_measure", "document")

    def pull(*without: DatasetName) -> list[str]:
        own = shipped.sources[SOURCE].model_copy(update={"without": without})
        province = shipped.model_copy(update={"sources": {SOURCE: own}})
        place = Connection(f"file://{tmp_path}/registers")
        run = pulling.begin(warehouse, province, tmp_path / uuid4().hex, {"sotay": place})
        return [f"{d.dataset} {d.received}" for d in run.pull(SOURCE)]

    assert pull("dossier", *others, "petition") == []
    with pytest.raises(ContractBroken, match="the file is not there"):
        pull(*others, "petition")
    headings = "ma_phan_anh,loai,ngay_tiep_nhan,han_tra_loi,ngay_tra_loi,khong_hai_long,phan_anh_lai,noi_dung"
    row = "PA-1,tthc,02/11/2026 08:00,20/11/2026 17:00,,,,x"
    (folder / "so_phan_anh_2026-11.csv").write_text(f"{headings}\n{row}\n", encoding="utf-8")
    assert pull("dossier", *others, "petition") == ["petition 1"]
