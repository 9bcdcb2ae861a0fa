-- The field of each counted procedure of a unit: what the unit's newest register says at the period's end, else what its
-- newest dossier says; where a form of several units names the row of the unit's code otherwise, that name. Looked up
-- procedure by procedure: of what was counted from records the planner expects one row, and a join would go through all
-- procedures for each.
with coded as materialized (
    select
        u.unit_code,
        u.procedure_code,
        coalesce(
            (
                select p.field_code
                from core.procedure as p
                where p.unit_code = u.unit_code and p.procedure_code = u.procedure_code and p.field_code is not null
                order by p.valid_from <= :last_day desc, p.valid_from desc, p.source_code asc
                limit 1
            ),
            (
                select d.field_code
                from core.dossier as d
                where d.unit_code = u.unit_code and d.procedure_code = u.procedure_code and d.field_code is not null
                order by d.received_at desc nulls last, d.source_code asc, d.dossier_code asc
                limit 1
            )
        ) as field_code
    from (
        select distinct
            c.unit_code,
            c.procedure_code
        from counted as c
    ) as u
)

select
    o.unit_code,
    o.procedure_code,
    coalesce(cast(:moved as jsonb) -> o.unit_code ->> o.field_code, o.field_code) as field_code
from coded as o
