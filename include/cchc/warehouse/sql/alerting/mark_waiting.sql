-- The mail server could not be reached: note it on everything that waits and that no other sender is sending.
with waiting as (
    select
        recipient,
        reporting_day,
        kind
    from ops.outbox
    where sent_at is null
    for update skip locked
)

update ops.outbox as o
set attempts = o.attempts + 1, last_error = :error
from waiting as w
where o.recipient = w.recipient and o.reporting_day = w.reporting_day and o.kind = w.kind
