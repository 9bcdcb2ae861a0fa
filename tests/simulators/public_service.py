"""What units state of the indicator set `cong-vu`: the work that no system records, with the document that proves it.

Of 13 October 2022 the article told of Sở GD&ĐT's work in words and, beside posted procedures and the terms cut in 2020,
gave no figures: those here are invented and agree with what it said.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from random import Random

from simulators.model import Reported

#: share (reported code) → numerator and denominator of 2022
_SHARES_2022 = {
    "cchc_plan_tasks_done": (31, 36),
    "assigned_tasks_on_time": (412, 418),
    "procedures_posted_at_office": (125, 125),
    "procedures_posted_online": (125, 125),
    "one_stop_steps_signed": (3, 3),
    "staff_on_document_system": (56, 56),
    "register_entries_complete": (10_603, 11_031),
    "records_checks_passed": (17, 20),
    "records_reports_on_time": (2, 3),
    "staff_records_trained": (48, 56),
    "seal_checks_passed": (2, 2),
    "state_secret_checks_passed": (2, 2),
    "work_files_made": (286, 341),
    "staff_making_work_files": (44, 56),
    "electronic_work_files": (203, 286),
    "archive_handed_over_on_time": (121, 149),
    "archive_requests_answered": (64, 64),
    "archive_stores_equipped": (2, 2),
    "archive_stores_fire_safe": (2, 2),
    "budget_disclosed_on_time": (7, 8),
    "budget_reports_on_time": (9, 9),
    "working_time_checks_passed": (118, 120),
    "staff_culture_pledged": (56, 56),
}
_COUNTS_2022 = {
    "cchc_plans_issued": 1,
    "directives_issued": 14,
    "it_upgrades": 3,
    "budget_saved": 215,
    "budget_difficulties_reported": 2,
    "discipline_checks": 4,
    "discipline_violations": 0,
    "culture_checks": 2,
    "culture_violations": 0,
}


def of_2022(start: date, end: date) -> Iterator[Reported]:
    """Yield what Sở GD&ĐT states of the days from 1 January to 13 October 2022, and of 2020."""
    evidence = "Báo cáo của Sở Giáo dục và Đào tạo với Đoàn kiểm tra công tác CCHC tỉnh ngày 13/10/2022"
    for code, (part, whole) in _SHARES_2022.items():
        yield Reported(code, start, end, "", str(part), str(whole), "", evidence)
    for code, value in _COUNTS_2022.items():
        yield Reported(code, start, end, str(value), evidence=evidence)
    year = date(2020, 1, 1), date(2020, 12, 31)
    yield Reported("share_procedures_term_cut_proposed", *year, ratio="42", evidence=evidence)


def of_month(unit: str, seed: int, start: date, end: date) -> Iterator[Reported]:
    """Yield what a unit states of a report month: three units in five state most of it, the others nothing."""
    if Random(f"{seed}:{unit}:public service").random() > 0.6:
        return
    rng = Random(f"{seed}:{unit}:public service:{end}")
    address = f"https://{unit.lower()}.caobang.example/bao-cao/{end:%Y-%m}"
    for code, (_, whole) in _SHARES_2022.items():
        whole = max(1, round(min(whole, 60) * rng.uniform(0.3, 1)))
        part = whole - (rng.randint(0, whole // 5) if rng.random() < 0.5 else 0)
        if rng.random() < 0.9:
            yield Reported(code, start, end, "", str(part), str(whole), "", f"{address}#{code}")
    for code, value in _COUNTS_2022.items():
        counted = rng.randint(0, max(1, value // 3))
        if rng.random() < 0.9:
            yield Reported(code, start, end, str(counted), evidence=f"{address}#{code}")
