delete from mart.measure_day as m
using ops.touched_day as t
where
    t.unit_code = :unit
    and t.dataset = :dataset
    and m.unit_code = t.unit_code
    and m.day = t.day
    and m.procedure_code = t.procedure_code
    and m.dataset = t.dataset
