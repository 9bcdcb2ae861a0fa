-- Every count of the index for every unit and for the province, as one statement somebody would write by hand: within the
-- period, before it (a stock's balance), and the procedures with a count, apart by whether the procedure needs a result.
with counted as (
    select
        m.unit_code,
        m.procedure_code,
        m.measure_code,
        coalesce(sum(m.value) filter (where m.day < :first_day), 0) as before,
        coalesce(sum(m.value) filter (where m.day >= :first_day), 0) as within
    from {counts} as m
    where
        m.measure_code = any(:measures)
        and m.day <= :last_day
        and (m.day >= :first_day or m.measure_code = any(:stocks))
    group by 1, 2, 3
),

listed as (
    select distinct on (p.unit_code, p.procedure_code)
        p.unit_code,
        p.procedure_code,
        p.needs_result
    from core.procedure as p
    where p.valid_from <= :last_day and coalesce(p.valid_to, 'infinity') >= :last_day
    order by p.unit_code asc, p.procedure_code asc, p.valid_from desc, p.source_code asc
),

stated as (
    select
        c.*,
        coalesce(l.needs_result, true) as needs_result
    from counted as c
    left join listed as l on c.unit_code = l.unit_code and c.procedure_code = l.procedure_code
),

whole as (
    select
        '' as unit_code,
        s.procedure_code,
        s.measure_code,
        sum(s.before) as before,
        sum(s.within) as within,
        s.needs_result
    from stated as s
    group by s.procedure_code, s.measure_code, s.needs_result
)

select
    a.unit_code,
    a.measure_code,
    a.needs_result,
    cast(sum(a.before) as bigint) as before,
    cast(sum(a.within) as bigint) as within,
    count(*) filter (where a.within > 0) as procedures_within,
    count(*) filter (where a.before + a.within > 0) as procedures_through
from (
    select * from stated
    union all
    select * from whole
) as a
group by 1, 2, 3
having bool_or(a.before <> 0 or a.within <> 0)
order by 1, 2, 3
