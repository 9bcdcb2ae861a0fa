-- What a unit states as taken over at the start of a period that begins in the span, beside what it stated in the same
-- register as in process at the end of the day before; the newest word of each. Where there are several, the pair that
-- differs most. `recomputed`: what the records of its dossiers leave open at that moment; none where there are no records.
with stated as (
    select
        r.unit_code,
        r.source_code,
        r.measure_code,
        r.period_from,
        r.period_to,
        r.pulled_at,
        cast(r.value as bigint) as value
    from core.reported_measure as r
    where
        r.unit_code = any(:units)
        and r.measure_code in (cast(:at_start as text), cast(:at_end as text))
        and r.value is not null
),

pairs as (
    select distinct on (later.unit_code, later.source_code, later.period_from)
        later.unit_code,
        later.period_from,
        later.value as at_start,
        earlier.value as at_end
    from stated as later
    inner join stated as earlier
        on
            later.unit_code = earlier.unit_code and later.source_code = earlier.source_code
            and later.period_from = earlier.period_to + 1
    where
        later.measure_code = cast(:at_start as text) and earlier.measure_code = cast(:at_end as text)
        and later.period_from between cast(:first as date) and cast(:last as date)
    order by
        later.unit_code asc, later.source_code asc, later.period_from asc, later.pulled_at desc, earlier.pulled_at desc,
        later.period_to asc, earlier.period_from desc
),

worst as (
    select distinct on (p.unit_code)
        p.unit_code,
        p.period_from,
        p.at_start,
        p.at_end
    from pairs as p
    order by p.unit_code asc, abs(p.at_start - p.at_end) desc, p.period_from asc
)

select
    w.unit_code,
    w.at_start as numerator,
    w.at_end as denominator,
    abs(w.at_start - w.at_end) > cast(:tolerance as integer) as shows,
    (
        select cast(sum(m.value) as bigint)
        from mart.measure_day as m
        where m.unit_code = w.unit_code and m.measure_code = 'in_process' and m.day < w.period_from
    ) as recomputed
from worst as w
