-- What the rows of a form are made of, for all its units at once: counts of dossiers by level of unit and field, split by
-- what a column can ask for. `before`: all days up to the day before the period (a stock's balance there); `within`: the
-- days of the period. A procedure's field is what the unit's newest register says at the period's end, else what its
-- newest dossier says.
with member as (
    select *
    from unnest(cast(:units as text[]), cast(:levels as text[])) as t (unit_code, level)
),

counted as (
    select
        u.level,
        m.unit_code,
        m.procedure_code,
        m.measure_code,
        m.channel,
        m.online_level,
        coalesce(sum(m.value) filter (where m.day < :first_day), 0) as before,
        coalesce(sum(m.value) filter (where m.day >= :first_day), 0) as within
    from member as u
    inner join mart.measure_day as m
        on
            u.unit_code = m.unit_code
            and m.measure_code = any(:measures)
            and m.day <= :last_day
            and (m.day >= :first_day or m.measure_code = any(:stocks))
    group by 1, 2, 3, 4, 5, 6
    having bool_or(m.day >= :first_day) or sum(m.value) <> 0
),

used as (
    select distinct
        c.unit_code,
        c.procedure_code
    from counted as c
),

listed as (
    select distinct on (p.unit_code, p.procedure_code)
        p.unit_code,
        p.procedure_code,
        p.field_code
    from core.procedure as p
    inner join used as u on p.unit_code = u.unit_code and p.procedure_code = u.procedure_code
    where p.field_code is not null
    order by p.unit_code asc, p.procedure_code asc, p.valid_from <= :last_day desc, p.valid_from desc, p.source_code asc
),

seen as (
    select distinct on (d.unit_code, d.procedure_code)
        d.unit_code,
        d.procedure_code,
        d.field_code
    from core.dossier as d
    inner join used as u on d.unit_code = u.unit_code and d.procedure_code = u.procedure_code
    left join listed as l on d.unit_code = l.unit_code and d.procedure_code = l.procedure_code
    where d.field_code is not null and l.field_code is null
    order by
        d.unit_code asc, d.procedure_code asc, d.received_at desc nulls last, d.source_code asc, d.dossier_code asc
)

select
    c.level,
    coalesce(l.field_code, s.field_code) as field_code,
    c.measure_code,
    c.channel,
    c.online_level,
    cast(sum(c.before) as bigint) as before,
    cast(sum(c.within) as bigint) as within
from counted as c
left join listed as l on c.unit_code = l.unit_code and c.procedure_code = l.procedure_code
left join seen as s on c.unit_code = s.unit_code and c.procedure_code = s.procedure_code
group by 1, 2, 3, 4, 5
