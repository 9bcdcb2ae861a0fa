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
)

select
    u.unit_code,
    u.procedure_code,
    coalesce(
        l.field_code,
        (
            select d.field_code
            from core.dossier as d
            where d.unit_code = u.unit_code and d.procedure_code = u.procedure_code and d.field_code is not null
            order by d.received_at desc nulls last, d.source_code asc, d.dossier_code asc
            limit 1
        )
    ) as field_code
from used as u
left join listed as l on u.unit_code = l.unit_code and u.procedure_code = l.procedure_code
