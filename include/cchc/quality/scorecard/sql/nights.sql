-- completeness, timeliness: of the nights in which an expected source was asked, how many are in the warehouse by now, and
-- how many were there in the night itself. A night without a run asked nobody, nor did one in which the fault was our own:
-- work that was cut off, or failed for another reason than the source.
with asked as (
    select
        s.unit_code,
        s.source_code,
        r.reporting_day,
        min(r.started_at) as asked_at
    from ops.run as r
    inner join ops.source_outcome as o on r.run_id = o.run_id
    inner join core.source as s on o.source_code = s.source_code
    where
        r.kind = 'sync' and s.expected and r.reporting_day between :first_day and :last_day
        and (o.state in ('loaded', 'unchanged', 'held') or o.error_class = any(:of_sources))
    group by s.unit_code, s.source_code, r.reporting_day
),

-- every run that brought it by that day, also one that replayed or approved it
brought as (
    select distinct
        d.source_code,
        d.dataset,
        d.window_from,
        d.window_to,
        d.state
    from ops.run as r
    inner join landing.run_delivery as rd on r.run_id = rd.run_id
    inner join landing.delivery as d on rd.delivery_id = d.delivery_id
    where r.reporting_day between :first_day and :last_day
),

-- a later delivery reads from the last complete day on: it catches up what a bad night left out
covered as (
    select
        c.source_code,
        c.reporting_day,
        bool_and(c.is_there) as is_complete
    from (
        select
            a.source_code,
            a.reporting_day,
            bool_or(b.state = 'loaded' and a.reporting_day between b.window_from and b.window_to) as is_there
        from asked as a
        inner join brought as b on a.source_code = b.source_code
        group by a.source_code, a.reporting_day, b.dataset
    ) as c
    group by c.source_code, c.reporting_day
),

there as (
    select
        o.source_code,
        r.reporting_day,
        min(o.finished_at) as finished_at
    from ops.run as r
    inner join ops.source_outcome as o on r.run_id = o.run_id
    where
        r.kind = 'sync' and r.reporting_day between :first_day and :last_day and o.state in ('loaded', 'unchanged')
    group by o.source_code, r.reporting_day
),

judged as (
    select
        a.unit_code,
        coalesce(c.is_complete, false) as is_complete, -- of a source that never delivered anything, nothing is there
        coalesce(t.finished_at <= a.asked_at + make_interval(hours => :in_time_hours), false) as is_in_time
    from asked as a
    left join covered as c on a.source_code = c.source_code and a.reporting_day = c.reporting_day
    left join there as t on a.source_code = t.source_code and a.reporting_day = t.reporting_day
)

select
    n.unit_code,
    m.dimension,
    m.numerator,
    n.asked as denominator,
    cast(null as integer) as oldest_nights
from (
    select
        j.unit_code,
        count(*) as asked,
        count(*) filter (where j.is_complete) as complete,
        count(*) filter (where j.is_complete and j.is_in_time) as in_time
    from judged as j
    group by j.unit_code
) as n
cross join lateral (values ('completeness', n.complete), ('timeliness', n.in_time)) as m (dimension, numerator)
