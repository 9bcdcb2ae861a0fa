-- Written before the message is handed over; nothing where another sender has finished it in the meantime. One that was in
-- `sending` before may have arrived already.
with found as (
    select
        message_no,
        state = 'sending' as may_have_arrived
    from ops.outbox
    where message_no = :message_no and state <> 'sent'
    for update
)

update ops.outbox as o
set state = 'sending', claimed_at = clock_timestamp(), attempts = o.attempts + 1
from found as f
where o.message_no = f.message_no
returning
    o.recipient,
    o.reporting_day,
    o.kind,
    o.channel,
    o.subject,
    o.body_text,
    o.body_html,
    o.attachment_name,
    o.attachment,
    o.created_at,
    f.may_have_arrived
