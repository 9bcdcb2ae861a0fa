-- Marked records are gone only where what was refused was read again and nothing was: the window of every delivery that
-- refused lies within that of a later one, or the source is read whole. A source that is asked for the newest days only proves
-- nothing about those before, and a replay reads nothing.
with reading as (
    select
        r.reporting_day,
        d.pulled_at,
        d.unit_code,
        d.source_code,
        d.dataset,
        d.window_from,
        d.window_to,
        d.refused,
        o.state in ('loaded', 'unchanged') as is_believed
    from ops.alert as a
    inner join landing.delivery as d on a.unit_code = d.unit_code and a.source_code = d.source_code
    inner join landing.run_delivery as rd on d.delivery_id = rd.delivery_id
    inner join ops.run as r on rd.run_id = r.run_id
    inner join ops.source_outcome as o on r.run_id = o.run_id and d.source_code = o.source_code
    where
        a.kind = 'secrecy' and a.closed_day is null
        and r.kind <> 'replay' and r.reporting_day between a.since and :day
),

proved as (
    select
        f.unit_code,
        f.source_code
    from reading as f
    left join core.source as s on f.source_code = s.source_code
    where f.refused > 0
    group by f.unit_code, f.source_code
    having
        bool_and(
            exists (
                select 1
                from reading as c
                where
                    c.unit_code = f.unit_code and c.source_code = f.source_code and c.dataset = f.dataset
                    and c.pulled_at > f.pulled_at and c.refused = 0 and c.is_believed
                    and (s.kind = 'files' or (c.window_from <= f.window_from and c.window_to >= f.window_to))
            )
        )
)

update ops.alert as a
set closed_day = :day, closed_at = clock_timestamp()
from proved as p
where
    a.kind = 'secrecy' and a.closed_day is null and a.last_day <= :day
    and a.unit_code = p.unit_code and a.source_code = p.source_code
