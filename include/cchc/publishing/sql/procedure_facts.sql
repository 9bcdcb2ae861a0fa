-- What the units' registers state of procedures; of several words on one procedure the newest that says anything counts,
-- fact by fact.
select
    p.procedure_code,
    cast(null as text) as title,
    (array_agg(p.field_code order by p.valid_from desc, p.unit_code asc, p.source_code asc)
        filter (where p.field_code is not null))[1] as field_code,
    cast(null as text) as field_title,
    (array_agg(p.online_level order by p.valid_from desc, p.unit_code asc, p.source_code asc))[1] as online_level,
    (array_agg(p.term_value order by p.valid_from desc, p.unit_code asc, p.source_code asc)
        filter (where p.term_value is not null and p.term_unit is not null))[1] as term_value,
    (array_agg(p.term_unit order by p.valid_from desc, p.unit_code asc, p.source_code asc)
        filter (where p.term_value is not null and p.term_unit is not null))[1] as term_unit
from core.procedure as p
where p.procedure_code = any(:codes)
group by p.procedure_code
