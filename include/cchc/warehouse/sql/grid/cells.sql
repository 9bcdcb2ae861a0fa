-- What each unit's sources gave on each reporting day, by the newest run that read them: the worst of their states, and
-- what is said of those that did not deliver and of those that took records out of the numbers. A replay counts on a day only
-- for sources that a night read. What was held is loaded where a person approved it and nothing else of the same pull is held
-- any more.
with newest as (
    select distinct on (r.reporting_day, o.source_code)
        r.reporting_day,
        r.run_id,
        o.unit_code,
        o.source_code,
        o.state,
        o.error_class,
        o.message,
        o.removed,
        o.came_back,
        bool_or(r.kind = 'sync') over (partition by r.reporting_day, o.source_code) as is_of_a_night
    from ops.run as r
    inner join ops.source_outcome as o using (run_id)
    where r.reporting_day between :first and :last and r.kind <> 'approval'
    order by r.reporting_day asc, o.source_code asc, r.started_at desc
),

approved as (
    select
        n.run_id,
        n.source_code
    from newest as n
    inner join landing.run_delivery as rd using (run_id)
    inner join landing.delivery as d on rd.delivery_id = d.delivery_id and n.source_code = d.source_code
    left join ops.delivery_decision as x on d.delivery_id = x.delivery_id and x.decision = 'approved'
    where n.state = 'held'
    group by n.run_id, n.source_code
    having not bool_or(d.state = 'held') and count(x.delivery_id) > 0
),

judged as (
    select
        n.reporting_day,
        n.run_id,
        n.unit_code,
        n.source_code,
        n.error_class,
        n.message,
        n.removed,
        n.came_back,
        case when a.run_id is null then n.state else 'loaded' end as state
    from newest as n
    left join approved as a on n.run_id = a.run_id and n.source_code = a.source_code
    where n.is_of_a_night
),

ranked as (
    select
        *,
        array_position(array['failed', 'held', 'pulled', 'loaded', 'unchanged'], state) as rank
    from judged
)

select
    unit_code,
    reporting_day,
    array_agg(source_code) as sources,
    (array_agg(state order by rank, source_code))[1] as state,
    (array_agg(run_id order by rank, source_code))[1] as run_id,
    coalesce(
        json_agg(
            json_build_array(source_code, state, error_class, left(message, 300)) order by rank, source_code
        ) filter (where state in ('failed', 'held')),
        '[]'
    ) as said,
    coalesce(
        json_agg(json_build_array(source_code, removed, came_back) order by source_code) filter (
            where removed + came_back > 0
        ),
        '[]'
    ) as removals
from ranked
group by unit_code, reporting_day
