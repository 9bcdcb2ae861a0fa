-- What mart.measure_day would hold of the units, made of the events of the rows as they were.
select
    e.unit_code,
    e.day,
    e.measure_code,
    e.procedure_code,
    e.intake,
    e.channel,
    e.online_level,
    sum(e.value) as value
from record_event as e
where e.unit_code = any(:units)
group by e.unit_code, e.day, e.measure_code, e.procedure_code, e.intake, e.channel, e.online_level
