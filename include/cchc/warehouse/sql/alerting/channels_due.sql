-- The channels with a message that is due, mail first.
select distinct
    channel,
    channel <> 'mail' as is_chat
from ops.outbox_due
order by is_chat, channel
