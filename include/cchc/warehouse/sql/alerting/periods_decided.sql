-- Which periods a person closed or opened again after one moment and up to another, oldest first.
select
    c.calendar,
    c.period,
    c.revision,
    c.period_from,
    c.period_to,
    c.closed_at as at,
    '' as reason
from publish.closed_period as c
where c.closed_at > :after and c.closed_at <= :up_to
union all
select
    c.calendar,
    c.period,
    c.revision,
    c.period_from,
    c.period_to,
    r.reopened_at as at,
    r.reason
from publish.reopening as r
inner join publish.closed_period as c on r.calendar = c.calendar and r.period = c.period and r.revision = c.revision
where r.reopened_at > :after and r.reopened_at <= :up_to
order by at
