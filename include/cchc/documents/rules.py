"""docs/rules.md: every rule of the gate, every integrity test and every dimension of the scorecard."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from decimal import Decimal

from cchc.documents.markdown import anchor, cell, code, document, table
from cchc.indicators.words import DATASETS
from cchc.quality.integrity import model as integrity
from cchc.quality.rules import SCOPES, Owner, Rule, Scope, Severity, rules_of
from cchc.quality.scorecard.definitions import Scorecard, definitions

_SEVERITIES: dict[Severity, str] = {"critical": "nghiêm trọng", "warning": "cảnh báo", "info": "để biết"}
_OWNERS: dict[Owner, str] = {"unit": "đơn vị", "engineer": "quản trị hệ thống", "office": "cơ quan theo dõi"}
_STATISTICS = {
    "share": "tỷ lệ của đơn vị so với tỷ lệ chung của các đơn vị cùng nhóm",
    "burst": "như trên, và chỉ khi ngày đó nhiều hơn hẳn các ngày khác của chính đơn vị",
    "all": "tỷ lệ như trên, và chỉ khi không thiếu hồ sơ nào",
    "difference": "chênh lệch giữa hai số phải bằng nhau",
}


def rules() -> str:
    """Return the document."""
    return document(
        "Quy tắc kiểm tra dữ liệu",
        [
            "Every rule over rows and deliveries, every integrity test and every dimension of the scorecard, as the"
            " product runs them. Rules: `include/cchc/quality/rules/*.yaml`; tests:"
            " `include/cchc/quality/integrity/tests.yaml`; dimensions:"
            " `include/cchc/quality/scorecard/dimensions.yaml`.",
            "",
            *_summary(),
            *_effects(),
            *(line for scope in SCOPES for line in _scope(scope)),
            *_tests(),
            *_dimensions(definitions()),
        ],
    )


def _title(scope: Scope) -> str:
    return "cả lần giao dữ liệu" if scope == "delivery" else DATASETS[scope]


def _summary() -> Iterator[str]:
    counts = {scope: Counter(rule.severity for rule in rules_of(scope)) for scope in SCOPES}
    yield "## Tổng quan"
    yield ""
    rows = [
        (f"[{_title(scope)}](#{scope})", code(scope), *(str(counts[scope][s]) for s in _SEVERITIES))
        for scope in SCOPES
    ]
    totals = [str(sum(counts[scope][s] for scope in SCOPES)) for s in _SEVERITIES]
    headings = ("Quy tắc về", "Mã", *_SEVERITIES.values(), "Tổng")
    sums = [(*row, str(sum(int(n) for n in row[2:]))) for row in rows]
    yield from table(
        headings, [*sums, ("**Tổng**", "", *(f"**{n}**" for n in totals), f"**{sum(map(int, totals))}**")]
    )
    yield (
        f"Ngoài ra có {len(integrity.tests().tests)} [phép xét số liệu](#integrity) và"
        f" {len(definitions().dimensions)} [khía cạnh chất lượng](#scorecard) của phiếu chấm."
    )
    yield ""


def _effects() -> Iterator[str]:
    yield "## Mỗi mức làm gì"
    yield ""
    yield from table(
        ("Mức", "Với một dòng", "Với cả lần giao"),
        [
            (
                "nghiêm trọng (`critical`)",
                "dòng bị cách ly, không vào số liệu cho đến khi được sửa tại nguồn",
                "lần giao bị giữ lại, số liệu tốt trước đó ở nguyên, chờ người quyết định",
            ),
            ("cảnh báo (`warning`)", "như trên, dòng bị cách ly", "vẫn nạp, được báo"),
            ("để biết (`info`)", "vẫn vào số liệu, chỉ đếm", "như trên, được báo để biết"),
        ],
    )
    yield (
        "Điều kiện là SQL; đúng là dòng vi phạm, sai hoặc không có giá trị (NULL) là không. `s` là dòng đang xét, xem"
        " schema `stg` trong [từ điển dữ liệu](data_dictionary.md)."
    )
    yield ""


def _scope(scope: Scope) -> Iterator[str]:
    found = rules_of(scope)
    yield anchor(scope)
    yield ""
    yield f"## Quy tắc về {_title(scope)}"
    yield ""
    if not found:
        yield "Chưa có quy tắc nào."
        yield ""
        return
    yield from table(
        ("Mã", "Mức", "Thông báo và điều kiện", "Người sửa", "Nguồn gốc"), [_rule(rule) for rule in found]
    )


def _rule(rule: Rule) -> tuple[str, ...]:
    said = [cell(rule.message), code(rule.predicate)]
    if rule.detail:
        said.append(f"Kèm theo: {code(rule.detail)}")
    return (
        f"{anchor(rule.code)}{code(rule.code)}",
        _SEVERITIES[rule.severity],
        "<br>".join(said),
        _OWNERS[rule.owner],
        cell(rule.origin),
    )


def _tests() -> Iterator[str]:
    known = integrity.tests()
    yield anchor("integrity")
    yield ""
    yield "## Phép xét số liệu đẹp bất thường"
    yield ""
    yield (
        "Mỗi phép xét so một đơn vị với các đơn vị cùng nhóm trong một kỳ báo cáo tháng. Kết quả là một câu hỏi kèm"
        " những lý do bình thường có thể có, không phải kết luận, và không được công bố. Không dòng nào bị giữ lại vì"
        " phép xét."
    )
    yield ""
    judging = known.judging
    yield from table(
        ("Tham số chung", "Giá trị", "Vì sao"),
        [
            (code(name), _number(getattr(judging, name).value), cell(getattr(judging, name).reason))
            for name in type(judging).model_fields
        ],
    )
    for test in known.tests:
        yield from _test(test)


def _test(test: integrity.Test) -> Iterator[str]:
    yield anchor(test.code)
    yield ""
    yield f"### {test.title}"
    yield ""
    yield f"- Mã: `{test.code}`"
    yield f"- Đếm: {test.counted}"
    yield f"- So: {_STATISTICS[test.statistic]}{'; chỉ xét khi kỳ đã hết' if test.whole_span else ''}"
    if test.statistic != "difference":
        yield (
            f"- Chỉ hỏi khi đơn vị có ít nhất {test.least} hồ sơ, tỷ lệ gấp ít nhất {_number(test.least_ratio)} lần và"
            f" hơn các đơn vị cùng nhóm ít nhất {_percent(test.least_excess)}"
        )
    for name, parameter in test.parameters.items():
        yield f"- Tham số `{name}` = {_number(parameter.value)}: {parameter.reason}"
    yield f"- Câu hỏi: “{' '.join(test.question.split())}”"
    yield f"- Có thể do: {'; '.join(text[0].lower() + text[1:] for text in test.innocent)}"
    yield f"- Nguồn gốc: {' '.join(test.origin.split())}"
    yield ""


def _dimensions(known: Scorecard) -> Iterator[str]:
    yield anchor("scorecard")
    yield ""
    yield "## Khía cạnh chất lượng của phiếu chấm"
    yield ""
    yield (
        f"Đếm qua {known.nights} đêm gần nhất. Không có gì để xét thì không có điểm, không phải 0 hay 100%. Nguồn được"
        f" coi là kịp thời trong {known.in_time_hours} giờ; dòng phải sửa trong {known.correct_within} đêm."
    )
    yield ""
    yield from table(
        ("Mã", "Khía cạnh", "Đếm", "Nội dung", "Tốt từ", "Cần chú ý từ", "Nguồn gốc và công thức"),
        [
            (
                f"{anchor(d.code)}{code(d.code)}",
                cell(d.title),
                cell(d.counted),
                cell(d.sentence),
                _percent(d.good),
                _percent(d.fair),
                cell(d.origin),
            )
            for d in known.dimensions
        ],
    )


def _percent(share: Decimal | float) -> str:
    return _number(float(100 * Decimal(str(share)))) + "%"


def _number(value: float | str) -> str:
    """Return a number with a decimal comma; a code as it is."""
    return f"`{value}`" if isinstance(value, str) else f"{value:g}".replace(".", ",")
