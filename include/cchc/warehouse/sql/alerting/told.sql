-- Whom earlier nights told of what, and when last; a message that still waits will tell it.
select
    o.recipient,
    t.alert_id,
    max(o.reporting_day) as last_day
from ops.outbox as o
cross join lateral unnest(o.alerts) as t (alert_id)
where o.reporting_day >= :since and o.reporting_day < :day
group by o.recipient, t.alert_id
