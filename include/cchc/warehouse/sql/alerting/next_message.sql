-- The oldest message of a channel that is due and not tried in this round.
select
    message_no,
    created_at
from ops.outbox_due
where
    channel = :channel
    and (cast(:after as timestamptz) is null or (created_at, message_no) > (:after, :after_no))
order by created_at, message_no
limit 1
