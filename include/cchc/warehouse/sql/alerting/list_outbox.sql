select
    message_no,
    recipient,
    channel,
    reporting_day,
    kind,
    state,
    attempts,
    created_at,
    not_before,
    sent_at,
    subject,
    last_error
from ops.outbox
where :everything or state <> 'sent'
order by created_at desc, message_no desc
limit :most
