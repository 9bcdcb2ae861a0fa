-- The field of each counted procedure of a unit: what the unit's newest register says at the period's end, else what its
-- newest dossier says.
with used as (
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
    u.unit_code,
    u.procedure_code,
    coalesce(l.field_code, s.field_code) as field_code
from used as u
left join listed as l on u.unit_code = l.unit_code and u.procedure_code = l.procedure_code
left join seen as s on u.unit_code = s.unit_code and u.procedure_code = s.procedure_code
