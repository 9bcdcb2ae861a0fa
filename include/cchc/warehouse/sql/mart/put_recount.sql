-- Most counts of a touched day stay as they were: only those that moved are written.
insert into mart.measure_day as m (
    unit_code, day, measure_code, procedure_code, intake, channel, online_level, dataset, value
)
select
    r.unit_code,
    r.day,
    r.measure_code,
    r.procedure_code,
    r.intake,
    r.channel,
    r.online_level,
    :dataset as dataset,
    r.value
from recount as r
left join touched_count as t
    on
        r.day = t.day
        and r.measure_code = t.measure_code
        and r.procedure_code = t.procedure_code
        and r.intake = t.intake
        and r.channel = t.channel
        and r.online_level = t.online_level
where r.value is distinct from t.value
on conflict (unit_code, measure_code, day, procedure_code, intake, channel, online_level) do update
    set value = excluded.value
