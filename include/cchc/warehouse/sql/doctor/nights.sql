-- The runs of a reporting day, newest first.
select
    state,
    state in ('success', 'over_budget') as is_done,
    started_at,
    sources
from ops.run
where kind = 'sync' and reporting_day = :day
order by started_at desc
