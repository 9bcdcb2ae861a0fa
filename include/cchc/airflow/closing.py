"""What the tasks of `close_period` do: the period as its form names it, the person who approved, how it ended."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import Row

from cchc import night
from cchc.errors import CchcError
from cchc.indicators import periods
from cchc.publishing import closing, revisions

_APPROVED = "Approve"
_ELSE = "Nếu chọn Reject, hoặc không ai trả lời đến hết hạn, kỳ vẫn để mở và không số nào bị chốt."


class NotClosed(CchcError):
    """Nothing was frozen, though nobody decided so: a person must look."""


def _period(context: Mapping[str, Any]) -> periods.Period:
    asked = context["params"]
    return periods.parse(asked["period"], asked["calendar"])


def preview(context: Mapping[str, Any]) -> str:
    """Return what would be frozen, for the person who approves (Vietnamese, Markdown)."""
    shown = closing.preview(night.ready_warehouse(), night.catalogue(), _period(context))
    return f"{shown}\n\n{_ELSE}"


def freeze(context: Mapping[str, Any], answer: Mapping[str, Any]) -> str:
    """Freeze the revision in the name of who approved and return it as `2026-11 0`.

    The revision carries the id of the DAG run: the same run, killed and tried again, finds it and freezes no second.
    Raises Airflow's skip where the answer is not to freeze it.
    """
    if _APPROVED not in answer["chosen_options"]:
        from airflow.sdk.exceptions import AirflowSkipException  # only here: all else runs without Airflow

        raise AirflowSkipException(f"{_who(answer)}: Reject")
    period = _period(context)
    engine = night.ready_warehouse()
    if done := _frozen(context, revisions.listed(engine, period)):
        return f"{period.label} {done.revision}"
    closed = closing.close(engine, night.catalogue(), period, _who(answer), _mark(context))
    return f"{period.label} {closed.revision}"


def outcome(context: Mapping[str, Any]) -> str:
    """Return what became of the period, for people (Vietnamese): closed as which revision, or left open by whom.

    Raises `NotClosed` where nothing was frozen though nobody decided so: nobody answered, a task failed, or
    the period had been closed before.
    """
    period = _period(context)
    frozen = revisions.listed(night.ready_warehouse(), period)
    if done := _frozen(context, frozen):
        return f"Kỳ {period.label} đã được chốt: bản {done.revision}, người chốt {done.closed_by}."
    if frozen and frozen[0].reopened_by is None:
        before = f"bản {frozen[0].revision}, người chốt {frozen[0].closed_by}"
        raise NotClosed(f"Kỳ {period.label} đã được chốt từ trước ({before}): lần này không chốt gì thêm.")
    still = f"Kỳ {period.label} vẫn để mở, không số nào bị chốt"
    answer = context["ti"].xcom_pull(task_ids="approve")
    if not answer:
        raise NotClosed(
            f"{still}: không có ai trả lời đến hết hạn, hoặc bước trước đó bị lỗi. "
            "Xem các tác vụ preview và approve, rồi chạy lại close_period."
        )
    if _APPROVED in answer["chosen_options"]:
        raise NotClosed(f"{still}: {_who(answer)} đã đồng ý nhưng việc chốt bị lỗi. Xem tác vụ freeze.")
    return f"{still}: {_who(answer)} không đồng ý."


def _mark(context: Mapping[str, Any]) -> str:
    return f"Airflow {context['dag_run'].run_id}"


def _frozen(context: Mapping[str, Any], revisions: Sequence[Row[Any]]) -> Row[Any] | None:
    """Return the revision that this DAG run has frozen, None where it has none."""
    return next((row for row in revisions if row.note == _mark(context)), None)


def _who(answer: Mapping[str, Any]) -> str:
    user = answer.get("responded_by_user") or {}
    return str(user.get("name") or user.get("id") or "")
