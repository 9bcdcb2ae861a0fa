-- All day-grain counts of one unit and dataset, in the order in which a refresh reads them again.
-- record_event: the events of sql/mart/<dataset>.sql, put before this statement by `marts.over_events`.
insert into mart.measure_day (
    unit_code, day, measure_code, procedure_code, intake, channel, online_level, dataset, value
)
select
    e.unit_code,
    e.day,
    e.measure_code,
    e.procedure_code,
    e.intake,
    e.channel,
    e.online_level,
    :dataset as dataset,
    sum(e.value) as value
from record_event as e
where e.unit_code = :unit
group by e.unit_code, e.day, e.measure_code, e.procedure_code, e.intake, e.channel, e.online_level
having sum(e.value) <> 0
order by e.day, e.procedure_code
