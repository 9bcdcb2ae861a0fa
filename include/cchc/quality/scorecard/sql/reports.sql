-- consistency_reports: counts that a unit states for a period ending in the span, against the count of its records, where
-- its records of that period are all there. The newest word of the unit stands.
with stated as (
    select distinct on (r.unit_code, r.measure_code, r.period_from, r.period_to)
        r.unit_code,
        r.period_from,
        r.period_to,
        r.value,
        m.measure_code,
        m.dataset
    from unnest(
            cast(:measures as text[]), cast(:reported as text[]), cast(:datasets as text[])
        ) as m (measure_code, reported, dataset)
    inner join core.reported_measure as r on m.reported = r.measure_code
    where r.value is not null and r.period_to between :first_day and :last_day
    order by r.unit_code asc, r.measure_code asc, r.period_from asc, r.period_to asc, r.pulled_at desc, r.source_code asc
),

compared as (
    select
        s.unit_code,
        s.value = (
            select coalesce(sum(d.value), 0)
            from mart.measure_day as d
            where
                d.unit_code = s.unit_code and d.measure_code = s.measure_code
                and d.day between s.period_from and s.period_to
        ) as agrees
    from stated as s
    where
        s.period_to <= (
            select min(w.complete_to)
            from ops.watermark as w
            where w.unit_code = s.unit_code and w.dataset = s.dataset
        )
)

select
    c.unit_code,
    'consistency_reports' as dimension,
    count(*) filter (where c.agrees) as numerator,
    count(*) as denominator,
    cast(null as integer) as oldest_nights
from compared as c
group by c.unit_code
