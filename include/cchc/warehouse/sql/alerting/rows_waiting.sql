-- The rows of each unit that wait to be corrected, also those of nights before; how many of them nobody knew of when the night
-- before this reporting day's ended, and how many of those known then wait no more. A row counts once, whatever is wrong with it.
with night as (
    select min(r.started_at) as began
    from ops.run as r
    where r.kind = 'sync' and r.reporting_day = :day
),

since as (
    select coalesce(max(r.finished_at), n.began) as moment
    from night as n
    left join ops.run as r on r.kind = 'sync' and r.started_at < n.began
    group by n.began
),

known as (
    select
        i.unit_code,
        bool_or(i.state = 'open') as is_open,
        min(i.first_seen) < s.moment as is_old
    from quarantine.item as i
    cross join since as s
    where i.state = 'open' or i.closed_at >= s.moment
    group by i.unit_code, i.source_code, i.dataset, i.record_key, s.moment
)

select
    unit_code,
    count(*) filter (where is_open) as in_all,
    count(*) filter (where is_open and not is_old) as come,
    count(*) filter (where is_old and not is_open) as gone
from known
group by unit_code
order by unit_code
