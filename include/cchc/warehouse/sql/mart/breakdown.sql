-- How much of terms each source and procedure gives, from the records themselves.
select
    r.unit_code,
    r.source_code,
    r.procedure_code,
    sum(r.value) as value
from record as r
group by r.unit_code, r.source_code, r.procedure_code
having sum(r.value) <> 0
