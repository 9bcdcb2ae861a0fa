-- What the touched days of the touched procedures no longer count.
delete from mart.measure_day as m
using ops.touched_day as t
where
    t.unit_code = :unit
    and t.dataset = :dataset
    and m.unit_code = t.unit_code
    and m.day = t.day
    and m.procedure_code = t.procedure_code
    and m.dataset = t.dataset
    and not exists (
        select 1
        from recount as r
        where
            r.day = m.day
            and r.measure_code = m.measure_code
            and r.procedure_code = m.procedure_code
            and r.intake = m.intake
            and r.channel = m.channel
            and r.online_level = m.online_level
    )
