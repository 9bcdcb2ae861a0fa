-- What stands behind a cell (records, or their sums by source and procedure), of every field or of one. The field's
-- procedures are a list that is made once and looked up: a join would go through it for each record.
select c.*
from counted as c
where
    not cast(:by_field as boolean)
    or (c.unit_code, c.procedure_code) in (
        select
            f.unit_code,
            f.procedure_code
        from field_of as f
        where f.field_code is not distinct from cast(:field as text)
    )
order by c.procedure_code, c.unit_code, c.source_code, 4 -- record_code, where there is one
