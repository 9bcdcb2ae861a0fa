-- The records that a term counts: each row is one record whose events add up to something in these days.
select
    e.unit_code,
    e.source_code,
    e.procedure_code,
    e.record_code,
    min(e.day) as day,
    e.dates,
    e.delivery_id,
    e.row_no,
    sum(e.value) as value
from record_event as e
where
    e.unit_code = any(:units)
    and e.measure_code = :measure
    and e.day between :first_day and :last_day
    and (cast(:intake as text) is null or e.intake = :intake)
    and (cast(:channel as text) is null or e.channel = :channel)
    and (cast(:online_level as text) is null or e.online_level = :online_level)
group by e.unit_code, e.source_code, e.procedure_code, e.record_code, e.dates, e.delivery_id, e.row_no
having sum(e.value) <> 0
order by e.procedure_code, e.unit_code, e.source_code, e.record_code
