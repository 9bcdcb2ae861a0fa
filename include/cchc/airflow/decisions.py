"""What the tasks of `decide_deliveries` do: the questions, the answer that needs a reason, the decision in its name."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from typing import Any
from uuid import UUID

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk.exceptions import AirflowFailException, AirflowSkipException

from cchc.errors import CchcError
from cchc.ops.ledger import RunSummary

APPROVE = "Duyệt và nạp"
REJECT = "Từ chối"
LATER = "Để sau"
_MOST = 1000  # questions of one run; Airflow maps a task over 1,024 at most


class ReasonMissing(CchcError):
    """Somebody decided without saying why; the question is asked again."""


class Question(HITLOperator):  # type: ignore[misc]
    """Airflow's own question to a person; an answer that decides counts only with a reason."""

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Any:
        """Return the answer; raises `ReasonMissing` where it decides and gives no reason."""
        answer = super().execute_complete(context, event)
        if answer["chosen_options"] != [LATER] and not _reason(answer):
            raise ReasonMissing(
                f"{_who(answer)}: chưa ghi lý do nên chưa có quyết định nào; câu hỏi được hỏi lại"
            )
        return answer


def questions() -> list[dict[str, str]]:
    """Return a question for each delivery that is held, as the arguments of the group that asks it (Vietnamese)."""
    from cchc import mending, night
    from cchc.alerting import words

    known = night.catalogue()
    asked = []
    for held in mending.held_deliveries()[:_MOST]:
        unit = known.unit(held.unit_code).name if held.unit_code in {u.code for u in known.units} else "?"
        dataset = words.dataset(held.dataset)
        before = "chưa có" if held.previous is None else f"{words.count(held.previous)} bản ghi"
        body = (
            f"**{unit}** ({held.unit_code}), nguồn `{held.source_code}`, {dataset}\n\n"
            f"- Vì sao bị giữ: {held.reason}\n"
            f"- Khoảng thời gian: {held.window_from:%d/%m/%Y} đến {held.window_to:%d/%m/%Y}, "
            f"lấy lúc {held.pulled_at:%H:%M %d/%m/%Y}\n"
            f"- Nhận được: {words.count(held.received)} bản ghi; lần nạp trước: {before}\n\n"
            f"Xem thêm: `cchc delivery show {held.delivery_id}`. Hỏi đầu mối của đơn vị trước khi quyết định.\n\n"
            f"**{APPROVE}**: số liệu này là đúng, nạp vào kho ngay. **{REJECT}**: không tin, giữ số liệu trước, "
            f"không hỏi lại. **{LATER}**, hoặc không ai trả lời: chưa quyết định gì, hỏi lại sau đêm tới."
        )
        subject = words.short(f"{held.source_code} · {unit}: {dataset}", 200)
        asked.append({"delivery_id": str(held.delivery_id), "subject": subject, "body": body})
    return asked


def carry_out(
    delivery_id: str, subject: str, answer: Mapping[str, Any], context: MutableMapping[str, Any]
) -> str:
    """Write the decision down in the name of who answered, load what was approved, and return what became of it.

    Skipped where nobody decided, or somebody did so elsewhere in the meantime. Raises where it was approved, but its
    source's data is not in the warehouse.
    """
    from cchc import mending
    from cchc.airflow.said import say
    from cchc.errors import ConfigurationError

    (choice,) = answer["chosen_options"]
    if choice == LATER:
        say(context, f"{subject} – để sau")
        raise AirflowSkipException(f"{_who(answer) or 'nobody answered'}: nothing is decided")
    this, by, reason = UUID(delivery_id), _who(answer), _reason(answer)
    # a later try may be of one that was cut off after it had written the decision: approving again takes the load up
    if context["ti"].try_number == 1 and not _waits(this):
        raise _decided_elsewhere(context, subject)
    try:
        if choice == REJECT:
            taken_back = mending.reject_delivery(this, by, reason)
            if taken_back is None or all(row.is_good for row in taken_back.rows):
                return _told(context, f"{subject} – TỪ CHỐI, {by}: {reason}")
            say(
                context,
                f"{subject} – ĐÃ TỪ CHỐI ({by}) NHƯNG CHƯA GỠ KHỎI SỐ LIỆU. Cần làm: clear tác vụ này",
            )
            raise AirflowFailException(_bad(taken_back))
        summary = mending.approve_delivery(this, by, reason)
    except ConfigurationError:
        if _waits(this):
            raise
        raise _decided_elsewhere(context, subject) from None
    if not all(row.is_good for row in summary.rows):
        say(
            context,
            f"{subject} – ĐÃ DUYỆT ({by}) NHƯNG CHƯA NẠP ĐƯỢC. Cần làm: xem log, sửa, rồi clear tác vụ này",
        )
        raise AirflowFailException(_bad(summary))
    return _told(context, f"{subject} – ĐÃ DUYỆT, {by}: {reason}")


def _bad(summary: RunSummary) -> str:
    bad = [row for row in summary.rows if not row.is_good]
    return "; ".join(row.message or f"{row.source_code}: {row.state}" for row in bad)


def _waits(delivery_id: UUID) -> bool:
    from cchc import mending

    return any(held.delivery_id == delivery_id for held in mending.held_deliveries())


def _decided_elsewhere(context: MutableMapping[str, Any], subject: str) -> AirflowSkipException:
    return AirflowSkipException(
        _told(context, f"{subject} – không còn chờ: đã có quyết định khác hoặc số liệu mới hơn")
    )


def _told(context: MutableMapping[str, Any], text: str) -> str:
    from cchc.airflow.said import say

    say(context, text)
    return text


def _who(answer: Mapping[str, Any]) -> str:
    user = answer.get("responded_by_user") or {}
    return str(user.get("name") or user.get("id") or "")


def _reason(answer: Mapping[str, Any]) -> str:
    return str((answer.get("params_input") or {}).get("reason") or "").strip()
