-- What is no longer counted.
delete from mart.measure_day as m
using touched_count as t
where
    m.unit_code = t.unit_code
    and m.measure_code = t.measure_code
    and m.day = t.day
    and m.procedure_code = t.procedure_code
    and m.intake = t.intake
    and m.channel = t.channel
    and m.online_level = t.online_level
    and not exists (
        select 1
        from recount as r
        where
            r.day = t.day
            and r.measure_code = t.measure_code
            and r.procedure_code = t.procedure_code
            and r.intake = t.intake
            and r.channel = t.channel
            and r.online_level = t.online_level
    )
