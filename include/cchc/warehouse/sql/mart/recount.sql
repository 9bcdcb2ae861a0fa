-- The day-grain counts of one unit and dataset on the touched days of the touched procedures, made anew.
-- record_event: the events of sql/mart/<dataset>.sql, put before this statement by `marts.refresh`.
select
    e.unit_code,
    e.day,
    e.measure_code,
    e.procedure_code,
    e.intake,
    e.channel,
    e.online_level,
    cast(sum(e.value) as bigint) as value
from record_event as e
where
    e.unit_code = :unit
    and (e.day, e.procedure_code) in (
        select
            t.day,
            t.procedure_code
        from ops.touched_day as t
        where t.unit_code = :unit and t.dataset = :dataset
    )
group by e.unit_code, e.day, e.measure_code, e.procedure_code, e.intake, e.channel, e.online_level
having sum(e.value) <> 0
