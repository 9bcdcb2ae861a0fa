-- How many messages are not finished, and how many of them wait for the end of their recipient's quiet hours.
select
    count(*) as waiting,
    count(*) filter (where not_before > clock_timestamp()) as quiet
from ops.outbox
where state <> 'sent'
