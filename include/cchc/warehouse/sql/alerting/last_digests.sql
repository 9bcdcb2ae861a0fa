-- When each recipient last got a digest before this night.
select
    recipient,
    max(reporting_day) as last_day
from ops.outbox
where kind = 'digest' and reporting_day < :day
group by recipient
