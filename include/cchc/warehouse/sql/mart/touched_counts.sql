-- What the marts hold of the touched days of the touched procedures.
create temporary table touched_count on commit drop as
select m.*
from ops.touched_day as t
inner join mart.measure_day as m
    on t.unit_code = m.unit_code and t.day = m.day and t.procedure_code = m.procedure_code and t.dataset = m.dataset
where t.unit_code = :unit and t.dataset = :dataset
