-- corrections: rows that their unit had to correct by a night of the span, and those that a later delivery showed corrected
-- by then; beside them how many nights the oldest open one has waited. A moment belongs to the last night that had begun on
-- the source: a replay is none. What a person let be is not asked for, what a replay mended was ours to mend, and what was
-- found late and corrected at once was never asked for.
with at_work as (
    select
        a.source_code,
        r.kind,
        max(r.reporting_day) filter (where r.kind = 'sync')
            over (partition by a.source_code order by r.started_at) as reporting_day,
        r.started_at,
        lead(r.started_at, 1, 'infinity') over (partition by a.source_code order by r.started_at) as ended_at
    from ops.run as r
    cross join lateral unnest(r.sources) as a (source_code)
),

due as (
    select
        i.unit_code,
        coalesce(closed.reporting_day <= seen.reporting_day + :correct_within, false) as is_corrected
    from at_work as seen
    inner join quarantine.item as i
        on seen.source_code = i.source_code and seen.started_at <= i.first_seen and seen.ended_at > i.first_seen
    left join at_work as closed
        on
            i.state = 'corrected' and i.source_code = closed.source_code
            and closed.started_at <= i.closed_at and closed.ended_at > i.closed_at
    where
        seen.reporting_day + :correct_within between :first_day and :last_day
        and i.state <> 'waived' and i.rule_code = any(:of_units)
        and (closed.started_at is null or closed.started_at > seen.started_at)
        and closed.kind is distinct from 'replay'
),

oldest as (
    select
        o.unit_code,
        max(:last_day - seen.reporting_day) as nights
    from (
        select
            i.unit_code,
            i.source_code,
            min(i.first_seen) as first_seen
        from quarantine.item as i
        where i.state = 'open' and i.rule_code = any(:of_units)
        group by i.unit_code, i.source_code
    ) as o
    inner join at_work as seen
        on o.source_code = seen.source_code and seen.started_at <= o.first_seen and seen.ended_at > o.first_seen
    where seen.reporting_day <= :last_day
    group by o.unit_code
)

select
    coalesce(d.unit_code, o.unit_code) as unit_code,
    'corrections' as dimension,
    coalesce(d.corrected, 0) as numerator,
    coalesce(d.due, 0) as denominator,
    o.nights as oldest_nights
from (
    select
        due.unit_code,
        count(*) as due,
        count(*) filter (where due.is_corrected) as corrected
    from due
    group by due.unit_code
) as d
full join oldest as o on d.unit_code = o.unit_code
