-- What the register of each unit calls the fields of its procedures; of several words of a unit the newest counts. The
-- newest of all come first.
select
    s.unit_code,
    s.field_code,
    s.field_title
from (
    select distinct on (p.unit_code, p.field_code)
        p.unit_code,
        p.field_code,
        p.field_title,
        p.valid_from,
        p.source_code
    from core.procedure as p
    where p.unit_code = any(:units) and p.field_code is not null and p.field_title is not null
    order by p.unit_code asc, p.field_code asc, p.valid_from desc, p.source_code asc
) as s
order by s.valid_from desc, s.unit_code asc, s.source_code asc, s.field_code asc
