-- What each unit's sources gave on each reporting day, by the newest run that read them: the worst of their states, and
-- what is said of those that did not deliver. A replay or an approval counts on a day only for sources that a night read.
with newest as (
    select distinct on (r.reporting_day, o.source_code)
        r.reporting_day,
        r.run_id,
        o.unit_code,
        o.source_code,
        o.state,
        o.error_class,
        o.message,
        array_position(array['failed', 'held', 'pulled', 'loaded', 'unchanged'], o.state) as rank,
        bool_or(r.kind = 'sync') over (partition by r.reporting_day, o.source_code) as is_of_a_night
    from ops.run as r
    inner join ops.source_outcome as o using (run_id)
    where r.reporting_day between :first and :last
    order by r.reporting_day asc, o.source_code asc, r.started_at desc
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
    ) as said
from newest
where is_of_a_night
group by unit_code, reporting_day
