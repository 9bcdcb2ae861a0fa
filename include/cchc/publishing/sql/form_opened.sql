-- What stands behind a cell (records, or their sums by source and procedure), of every field or of one.
select c.*
from counted as c
inner join field_of as f on c.unit_code = f.unit_code and c.procedure_code = f.procedure_code
where not cast(:by_field as boolean) or f.field_code is not distinct from cast(:field as text)
order by c.procedure_code, c.unit_code, c.source_code, 4 -- record_code, where there is one
