"""What a report says: the article's numbers in its order and our words, and every case a sentence can be in."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from cchc.errors import ConfigurationError
from cchc.indicators import periods, words
from cchc.indicators.compute import IndicatorValue
from cchc.indicators.inspections import Finding, Register
from cchc.publishing import reports
from cchc.publishing.reports import document, model
from cchc.publishing.reports.figures import Edition, Figure, Silent, of_row
from cchc.publishing.reports.narrative import Narrative, Paragraph, Rows, tell
from cchc.settings import SHIPPED_CATALOGUE
from unit.publishing.reports.facts import (
    ARTICLE,
    ARTICLE_SENTENCES,
    UNIT,
    catalogue,
    edition,
    figure,
    of_article,
)

CATALOGUE = catalogue()
PHRASES = model.phrases(SHIPPED_CATALOGUE)


def _unit(own: Edition, previous: Edition | None = None) -> Narrative:
    return reports.told(
        CATALOGUE, "unit", own, previous, subject=UNIT, main_set="seed-2022", directory=SHIPPED_CATALOGUE
    )


def _body(narrative: Narrative) -> str:
    return "\n".join(
        block.text
        for section in narrative.sections
        for block in section.blocks
        if isinstance(block, Paragraph)
    )


def _say(*sentences: dict[str, Any], now: Edition, before: Edition | None = None, subject: str = UNIT) -> str:
    """Return what sentences say, as the only paragraph of a report."""
    own = model.report(SHIPPED_CATALOGUE, "unit")
    part = {"title": "T", "blocks": [{"sentences": list(sentences)}]}
    only = own.model_copy(update={"parts": (model.Part.model_validate(part),)})
    told = tell(only, PHRASES, CATALOGUE, now, before, subject=subject, main_set="seed-2022", code="unit")
    return _body(told)


def test_the_articles_figures_in_the_articles_order() -> None:
    text = _body(_unit(of_article()))
    expected = [shown for code, shown, *_ in ARTICLE if code != "closed-without-result"]
    expected[expected.index("100%")] = "125/125 TTHC thuộc phạm vi quản lý, bằng 100%"
    expected[expected.index("42%")] = "52/125 TTHC, chiếm 42%"
    at = 0
    for shown in expected:
        found = text.find(shown, at)
        assert found >= 0, f"{shown} does not stand after {text[max(0, at - 60) : at]!r}"
        at = found + len(shown)
    assert "kết thúc quy trình khi chưa trả kết quả" in text  # zero is said in words


def test_no_sentence_is_the_articles() -> None:
    narrative = _unit(of_article())
    said = "\n".join((narrative.opening, _body(narrative), narrative.closing))
    sentences = [re.findall(r"\w+", part.lower()) for part in re.split(r"[.;:!?\n](?!\d)", said)]
    ours = {
        hashlib.sha256(" ".join(words).encode()).hexdigest()[:10] for words in sentences if len(words) > 5
    }
    assert len(ours) > 15
    assert not [cut for cut in ours if cut in ARTICLE_SENTENCES]
    assert said == unicodedata.normalize("NFC", said)


def test_every_number_said_is_in_the_appendix() -> None:
    narrative = _unit(of_article())
    said = {use.figure.code: use for use in narrative.trace.uses.values()}
    for code, shown, *_ in ARTICLE:
        assert said[code].figure.printed == shown
    row = next(
        r
        for r in document.appendix(narrative)["phu_luc"]
        if r["ma"] == "seed-2022/documents-out-signed-share"
    )
    assert row | {"stt": ""} == {
        "stt": "",
        "noi_dung": "Tỷ lệ văn bản đi được ký số",
        "don_vi": "Sở Giáo dục và Đào tạo",
        "ma": "seed-2022/documents-out-signed-share",
        "gia_tri": "95,3%",
        "tu_mau": "2.299/2.412",
        "do_phu": "100%",
        "nguon": "[1]",
    }


def test_what_is_missing_is_said_with_its_reason_and_never_as_zero() -> None:
    own = of_article()
    key = (UNIT, "seed-2022", "received-direct")
    lacking = dict(own.figures) | {key: figure("received-direct", None, reason="sổ tay chưa gửi")}
    del lacking[UNIT, "seed-2022", "shortest-term"]
    text = _body(_unit(replace(own, figures=lacking)))
    assert "Hồ sơ tiếp nhận: 11.999 hồ sơ. Hồ sơ tiếp nhận trên phần mềm một cửa: 1.237 hồ sơ." in text
    assert "Chưa có số liệu về hồ sơ tiếp nhận trực tiếp: sổ tay chưa gửi." in text
    lacks = re.search(r"thời hạn giải quyết ngắn nhất của một thủ tục \(lý do: (.*?)\)", text)
    assert lacks
    assert lacks[1] == "không có trong bản phát hành"
    assert " 0 hồ sơ" not in text


def test_what_the_catalogue_does_not_have_is_left_out_with_a_note() -> None:
    sets = {code: own for code, own in CATALOGUE.indicator_sets.items() if code != "cong-vu"}
    small = CATALOGUE.model_copy(update={"indicator_sets": sets})
    narrative = reports.told(
        small, "unit", of_article(), None, subject=UNIT, main_set="seed-2022", directory=SHIPPED_CATALOGUE
    )
    assert "chữ ký số" not in _body(narrative).lower()
    assert narrative.notes
    assert "one-stop-steps-signed-share" in narrative.notes[0]
    assert [s.number for s in narrative.sections] == [str(n) for n in range(1, len(narrative.sections) + 1)]


_RECEIVED = {"about": ["received"], "say": "Nhận {{ received }}.", "zero": "Không có.", "compare": True}


@pytest.mark.parametrize(
    ("now", "before", "said"),
    [
        ("0", None, "Không có."),
        ("1.200", None, "Nhận 1.200."),
        (
            "1.200",
            "1.000",
            "Nhận 1.200. So với kỳ trước (1.000 hồ sơ), hồ sơ tiếp nhận tăng 200 hồ sơ (tương đương 20,0%).",
        ),
        (
            "900",
            "1.200",
            "Nhận 900. So với kỳ trước (1.200 hồ sơ), hồ sơ tiếp nhận giảm 300 hồ sơ (tương đương 25,0%).",
        ),
        ("5", "0", "Nhận 5. So với kỳ trước (0 hồ sơ), hồ sơ tiếp nhận tăng 5 hồ sơ."),
        ("7", "7", "Nhận 7. So với kỳ trước, hồ sơ tiếp nhận không thay đổi."),
        ("0", "0", "Không có."),
        (None, "7", "Chưa có số liệu về hồ sơ tiếp nhận: các nguồn không ghi."),
    ],
)
def test_a_sentence_follows_its_figure(now: str | None, before: str | None, said: str) -> None:
    earlier = edition([figure("received", before)], name="trước") if before else None
    assert _say(_RECEIVED, now=edition([figure("received", now)]), before=earlier) == said


def test_nothing_counted_where_nobody_was_asked_is_missing_and_is_not_compared() -> None:
    nobody, some = (of_row(_row(coverage)) for coverage in (None, Decimal("0.5")))
    assert (nobody.value, nobody.printed, some.printed) == (None, None, "0")
    reason = "không có nguồn dữ liệu nào phải có số liệu của kỳ này"
    assert _say(_RECEIVED, now=edition([nobody])) == f"Chưa có số liệu về hồ sơ tiếp nhận: {reason}."
    now = edition([figure("received", "7")])
    assert _say(_RECEIVED, now=now, before=edition([nobody], name="trước")) == "Nhận 7."


def _row(coverage: Decimal | None) -> IndicatorValue:
    counted = (Decimal(0), None, None, "0", None)
    return IndicatorValue(
        UNIT, "seed-2022", "received", periods.parse("2026-11"), *counted, coverage, None, ()
    )


def test_a_zero_of_some_sources_is_not_told_as_a_zero_of_all_and_is_not_compared() -> None:
    some = edition([figure("received", "0", coverage="0.125")])
    assert _say(_RECEIVED, now=some) == (
        "Hồ sơ tiếp nhận: 0 hồ sơ, mới tính từ 12,5% số nguồn; các nguồn khác chưa có số liệu."
    )
    now = edition([figure("received", "7", coverage="0.9")])
    assert _say(_RECEIVED, now=now, before=replace(some, name="trước")) == "Nhận 7."
    enough = edition([figure("received", "5", coverage="0.9")], name="trước")
    assert "tăng 2 hồ sơ" in _say(_RECEIVED, now=now, before=enough)


PARTLY = "2 trên 3 đơn vị có nguồn báo cáo đã gửi số liệu, thiếu 1 đơn vị; 60 đơn vị chưa có nguồn báo cáo"
_CHECKS = {
    "about": ["discipline-checks"],
    "say": "Kiểm tra {{ discipline_checks }} lần.",
    "zero": "Không kiểm tra.",
}


def _reported(code: str, shown: str | None, reason: str = PARTLY, **known: Any) -> Figure:
    """Return a sum of what units report; `reason`: of how many it is."""
    own = figure(code, shown, set_code="cong-vu", coverage="0.6667", **known)
    return replace(own, reason=reason)


def test_of_a_sum_of_reports_it_is_told_how_many_have_reported() -> None:
    some = edition([_reported("discipline-checks", "7"), _reported("discipline-violations", "1")])
    assert _say(_CHECKS, now=some) == "Kiểm tra 7 lần (2/3 đơn vị có nguồn báo cáo)."
    both = {
        "about": ["discipline-checks", "discipline-violations"],
        "say": "{{ discipline_checks }} và {{ discipline_violations }}.",
    }
    assert _say(both, now=some) == "7 và 1 (2/3 đơn vị có nguồn báo cáo)."
    other = PARTLY.replace("2 trên", "1 trên")
    apart = edition([_reported("discipline-checks", "7"), _reported("discipline-violations", "1", other)])
    assert _say(both, now=apart) == (
        "7 và 1 (lần kiểm tra kỷ luật, kỷ cương hành chính: 2/3 đơn vị có nguồn báo cáo; "
        "trường hợp vi phạm kỷ luật, kỷ cương được phát hiện: 1/3 đơn vị có nguồn báo cáo)."
    )
    none = edition([_reported("discipline-checks", "0")])
    assert _say(_CHECKS, now=none) == (
        "Lần kiểm tra kỷ luật, kỷ cương hành chính: 0 lần (2/3 đơn vị có nguồn báo cáo)."
    )
    all_of_them = edition([figure("discipline-checks", "0", set_code="cong-vu")])
    assert _say(_CHECKS, now=all_of_them) == "Không kiểm tra."
    lacks = edition(
        [_reported("discipline-checks", "7"), figure("discipline-violations", None, set_code="cong-vu")]
    )
    assert _say(both, now=lacks).startswith(
        "Lần kiểm tra kỷ luật, kỷ cương hành chính: 7 lần (2/3 đơn vị có nguồn báo cáo). Chưa có số liệu về"
    )


@pytest.mark.parametrize("reason", ["2 trên 3 đơn vị đã báo cáo, thiếu 1 đơn vị", PARTLY])
def test_how_many_have_reported_is_said_in_short_also_of_frozen_numbers(reason: str) -> None:
    assert PHRASES.short(reason) == "2/3 đơn vị có nguồn báo cáo"
    nobody = words.unreported(17, periods.parse("2026-11"), 60)
    assert PHRASES.short(nobody) == "chưa đơn vị nào trong 17 đơn vị có nguồn gửi báo cáo"


def test_sums_of_different_units_are_not_compared() -> None:
    whole = edition([figure("discipline-checks", "20", set_code="cong-vu")], name="trước")
    now = edition([figure("discipline-checks", "17", set_code="cong-vu")])
    some = edition([replace(_reported("discipline-checks", "17"), coverage=Decimal("0.8235"))])
    compared = _CHECKS | {"compare": True}
    own = model.report(SHIPPED_CATALOGUE, "unit")
    assert own.compare_from < Decimal("0.8235")
    assert "giảm 3 lần (tương đương 15,0%)" in _say(compared, now=now, before=whole)
    for pair in ((some, whole), (whole, replace(some, name="sau"))):
        assert "So với" not in _say(compared, now=pair[0], before=pair[1])


def test_the_appendix_tells_of_how_many_units_a_number_is() -> None:
    own = edition([_reported("discipline-checks", "7", unit="H14")], "2026-Q3")
    told = reports.told(CATALOGUE, "periodic", own, None, subject="H14", directory=SHIPPED_CATALOGUE)
    (row,) = (r for r in document.appendix(told)["phu_luc"] if r["ma"] == "cong-vu/discipline-checks")
    assert (row["gia_tri"], row["do_phu"]) == (f"7 ({PARTLY})", "66,7%")


def test_units_that_owe_a_report_and_state_nothing_are_named() -> None:
    sentence = {
        "unreported": {"set": "cong-vu"},
        "say": "{{ count }}: {{ units }}, {{ without }}.",
        "none": "không có{% if without %}, {{ without }}{% endif %}",
    }
    owing = figure("discipline-checks", None, unit="00001", set_code="cong-vu")
    owes_nothing = figure("discipline-checks", None, unit="00002", set_code="cong-vu", coverage=None)
    states = figure("culture-checks", "0", unit="00003", set_code="cong-vu")
    lacks = figure("discipline-checks", None, unit="00003", set_code="cong-vu")
    # of the department nothing was published: whether it has a source nobody says
    assert _say(sentence, now=edition([owing, owes_nothing, states, lacks])) == "1: Xã 1, 1."
    assert _say(sentence, now=edition([owes_nothing, states])) == "không có, 1"
    assert _say(sentence, now=edition([states, lacks])) == "không có"


def test_the_provinces_report_tells_what_units_report_where_it_is_published() -> None:
    province = {"unit": "H14", "set_code": "cong-vu"}
    own = figure("work-files-made-share", "90,0%", 9, 10, **province)
    numbered = {
        title: reports.told(CATALOGUE, "periodic", now, None, subject="H14", directory=SHIPPED_CATALOGUE)
        for title, now in (("with", edition([own], "2026-Q3")), ("without", edition([], "2026-Q3")))
    }
    titles = {which: [s.title for s in told.sections] for which, told in numbered.items()}
    assert titles["with"][4] == "Công tác văn thư, lưu trữ và bảo vệ bí mật nhà nước"
    assert len(titles["with"]) == len(titles["without"]) + 2
    assert "được lập hồ sơ đạt 90,0%." in _body(numbered["with"])
    assert "lập hồ sơ" not in _body(numbered["without"])


def _cong_vu(*figures: Figure, before: Edition | None = None) -> str:
    """Return the province's report of what units report."""
    now = edition(figures, "2026-11")
    told = reports.told(CATALOGUE, "periodic", now, before, subject="H14", directory=SHIPPED_CATALOGUE)
    return _body(told)


def test_zeros_are_of_the_units_that_report_and_no_violation_follows_no_check() -> None:
    of = {"unit": "H14", "set_code": "cong-vu"}
    none = [figure(code, "0", **of) for code in ("discipline-checks", "discipline-violations", "it-upgrades")]
    text = _cong_vu(*none)
    assert "Theo báo cáo của các đơn vị, trong kỳ chưa tổ chức kiểm tra kỷ luật" in text
    assert "vi phạm nào được phát hiện" not in text
    assert "Theo báo cáo của các đơn vị, trong kỳ chưa đầu tư" in text
    clean = _cong_vu(figure("discipline-checks", "7", **of), figure("discipline-violations", "0", **of))
    assert "7 lần, theo báo cáo của các đơn vị không có trường hợp vi phạm nào được phát hiện." in clean
    before = edition([figure("discipline-checks", "20", **of)], "2026-10", name="trước")
    compared = _cong_vu(
        figure("discipline-checks", "7", **of), figure("discipline-violations", "3", **of), before=before
    )
    assert "phát hiện 3 trường hợp vi phạm. So với kỳ trước (20 lần), số lần kiểm tra" in compared


def test_a_unit_whose_register_lags_has_reported_and_is_not_ranked() -> None:
    code, of = "assigned-tasks-on-time-share", {"set_code": "cong-vu"}
    text = _cong_vu(
        figure(code, "90,0%", 9, 10, unit="H14", **of),
        figure(code, "90,0%", 9, 10, unit="00001", coverage="0", **of),
        figure(code, None, unit="00002", coverage=None, **of),
    )
    assert "chưa có đơn vị nào" not in text
    assert "Khối xã, phường: chưa xếp hạng được đơn vị nào, do không phát sinh hoặc chưa đủ số liệu." in text
    assert "1 đơn vị chưa có nguồn báo cáo số liệu về chỉ đạo điều hành" in text


def test_what_a_register_has_is_listed_though_another_one_never_delivered() -> None:
    day = date(2026, 9, 14)
    found = Finding(UNIT, "KT", "1", day, "Sở", "archive", "finding", "Thiếu kho.", None, None, None, "open")
    partial, empty = Register(day, None, (found,)), Register(day, None, ())
    assert (partial.count("open"), empty.count("open")) == (None, None)
    text = _periodic(edition([], "2026-Q3"), partial)
    assert "(sổ theo dõi chưa gửi đủ dữ liệu), trong đó có:\n- Sở Giáo dục và Đào tạo: Thiếu kho" in text
    assert not re.search(r"\d tồn tại", text)
    assert "trong đó có" not in _periodic(edition([], "2026-Q3"), empty)


def test_a_part_is_told_where_its_condition_holds() -> None:
    core = edition([figure("received", "7", set_code="province-core")], "2026-11")
    told = reports.told(
        CATALOGUE, "unit", core, None, subject=UNIT, main_set="province-core", directory=SHIPPED_CATALOGUE
    )
    titles = [section.title for section in told.sections]
    assert titles[:2] == ["Tiếp nhận và giải quyết thủ tục hành chính", "Quản lý văn bản và điều hành"]
    assert len(titles) == 3


def test_shares_change_by_points() -> None:
    code = "documents-out-signed-share"
    now, before = (edition([figure(code, shown)], name=shown) for shown in ("95,3%", "93,0%"))
    sentence = {"about": [code], "say": "", "compare": True}
    assert _say(sentence, now=now, before=before) == (
        "So với kỳ trước (93,0%), tỷ lệ văn bản đi được ký số tăng 2,3 điểm phần trăm."
    )


def _units(*shown: str | None, code: str = "on-time-share", coverage: str = "1") -> Edition:
    core = {"set_code": "province-core", "coverage": coverage}
    return edition(figure(code, own, unit=f"0000{n}", **core) for n, own in enumerate(shown, 1))  # type: ignore[arg-type]


_RANK = {
    "rank": {"of": "province-core/on-time-share", "group": "commune", "first": 1, "last": 1},
    "say": "{{ best }} / {{ worst }} / {% if unranked %}{{ unranked }}{% endif %}",
    "none": "không xếp hạng",
}


@pytest.mark.parametrize(
    ("own", "said"),
    [
        (_units("90,0%", "99,5%", "80,0%"), "Xã 2 (99,5%, hạng 1) / Xã 3 (80,0%, hạng 3) /"),
        (_units("90,0%", "90,0%", "80,0%"), "2 đơn vị cùng đạt 90,0% / Xã 3 (80,0%, hạng 3) /"),
        (_units("90,0%", None, "80,0%"), "Xã 1 (90,0%, hạng 1) / Xã 3 (80,0%, hạng 2) / 1"),
        (_units("90,0%", "90,0%", "90,0%"), "3 đơn vị cùng đạt 90,0% / /"),
        (_units("90,0%", "80,0%", "70,0%", coverage="0.5"), "không xếp hạng"),
        (_units(None, None, None), "không xếp hạng"),
    ],
)
def test_units_are_ranked_as_they_are_published(own: Edition, said: str) -> None:
    assert _say(_RANK, now=own) == said


def test_units_beyond_a_bound_are_named_the_farthest_first() -> None:
    sentence = {
        "units": {"of": "province-core/overdue-in-process", "over": 0, "most": 1},
        "say": "{{ count }}: {{ units }}.",
        "none": "không có",
    }
    code = "overdue-in-process"
    assert _say(sentence, now=_units("2", "7", "0", code=code)) == "2: Xã 2 (7 hồ sơ); và 1 đơn vị khác."
    assert _say(sentence, now=_units("0", "0", None, code=code)) == "không có"


def test_the_periodic_report_names_silent_sources_and_compares() -> None:
    core = {"unit": "H14", "set_code": "province-core"}
    now = edition(
        [figure("received", "1.200", **core), figure("on-time-share", "97,5%", 1170, 1200, **core)], "2026-Q3"
    )
    silent = (Silent("Một cửa", "Xã 2", "không kết nối được"),)
    before = edition([figure("received", "1.000", **core)], "2026-Q2", name="bản chốt")
    told = reports.told(
        CATALOGUE, "periodic", replace(now, silent=silent), before, subject="H14", directory=SHIPPED_CATALOGUE
    )
    text = _body(told)
    assert [section.number for section in told.sections] == ["I", "II", "III", "IV", "V", "VI"]
    assert "3/4 nguồn đã có đủ số liệu, 1 nguồn chưa đủ" in text
    assert "Một cửa – Xã 2: không kết nối được" in text
    table = next(block for s in told.sections for block in s.blocks if isinstance(block, Rows))
    assert table.rows[0] == ("Số hồ sơ tiếp nhận", "hồ sơ", "1.200", "1.000", "+200")
    assert table.rows[3] == ("Tỷ lệ hồ sơ giải quyết trước hạn và đúng hạn", "%", "97,5%", "–", "–")
    assert "quý 3/2026" in told.head.subject
    assert document.text(told).count("Bản chốt; kỳ quý 2/2026") == 1


def _periodic(now: Edition, register: Register | None = None) -> str:
    told = reports.told(
        CATALOGUE, "periodic", now, None, subject="H14", register=register, directory=SHIPPED_CATALOGUE
    )
    return _body(told)


@pytest.mark.parametrize(
    ("complete_to", "said"),
    [
        (date(2026, 9, 14), "đến ngày 14/09/2026 có 1 tồn tại"),
        (date(2026, 9, 1), "đến ngày 14/09/2026 (sổ theo dõi có đến ngày 01/09/2026) có 1 tồn tại"),
        (
            None,
            "Chưa có đủ số liệu về tồn tại, kiến nghị qua kiểm tra: sổ theo dõi kiểm tra của tỉnh chưa gửi đủ",
        ),
    ],
)
def test_a_register_of_inspections_that_lags_is_told(complete_to: date | None, said: str) -> None:
    day = date(2026, 9, 14)
    found = Finding(
        UNIT, "KT", "1", day, "Sở Nội vụ", "archive", "finding", "Thiếu kho.", None, None, None, "open"
    )
    assert said in _periodic(edition([], "2026-Q3"), Register(day, complete_to, (found,)))


def test_that_no_unit_is_below_a_bound_says_how_many_nobody_knows_of() -> None:
    text = _periodic(_units("99,0%", None, None, code="on-time-share"))
    unknown = re.search(
        r"Trong các đơn vị đã có số liệu, không có đơn vị nào có tỷ lệ .* dưới 95%; (\d+) đơn vị chưa có số liệu\.",
        text,
    )
    assert unknown
    assert int(unknown[1]) >= 2


def test_a_text_that_cannot_be_filled_in_is_named() -> None:
    now = edition([figure("received", "1")])
    with pytest.raises(
        ConfigurationError, match=r"reports/unit.yaml: 'x \{\{ recieved \}\}' .*'recieved' is undefined"
    ):
        _say({"about": ["received"], "say": "x {{ recieved }}"}, now=now)
    with pytest.raises(ConfigurationError, match=r"when: 'received\.\.'"):
        _say({"about": ["received"], "say": "x", "when": "received.."}, now=now)
    with pytest.raises(ConfigurationError, match="does not say whether more is better"):
        _say(
            {"rank": {"of": "province-core/received", "group": "commune"}, "say": "x"},
            now=_units("1", code="received"),
        )


def test_a_sentence_of_two_kinds_is_refused() -> None:
    both = {"rank": {"of": "a", "group": "commune"}, "lacking": {"set": "a"}, "say": ""}
    for wrong in (both, {"say": "x", "zero": "y"}, {"units": {"of": "a", "over": 1, "under": 2}, "say": "x"}):
        with pytest.raises(
            ValueError, match=r"a sentence has one of|indicators in about|either under or over"
        ):
            model.Sentence.model_validate(wrong)
