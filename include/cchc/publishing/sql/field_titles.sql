-- What the registers of units call the fields of procedures; of several words the newest counts.
select distinct on (p.field_code)
    p.field_code,
    p.field_title
from core.procedure as p
where p.unit_code = any(:units) and p.field_code is not null and p.field_title is not null
order by p.field_code asc, p.valid_from desc, p.unit_code asc, p.source_code asc
