-- The oldest waiting message that no other sender holds and that was not tried in this round.
select
    recipient,
    reporting_day,
    kind,
    subject,
    body_text,
    body_html,
    attachment_name,
    attachment,
    created_at
from ops.outbox
where sent_at is null and (cast(:after as timestamptz) is null or (created_at, recipient, kind) > (:after, :recipient, :kind))
order by created_at, recipient, kind
limit 1
for update skip locked
