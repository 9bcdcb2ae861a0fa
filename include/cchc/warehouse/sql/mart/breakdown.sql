-- How much of a term each source and procedure gives, from the records themselves.
select
    e.source_code,
    e.procedure_code,
    sum(e.value) as value
from record_event as e
where
    e.unit_code = any(:units)
    and e.measure_code = :measure
    and e.day between :first_day and :last_day
    and (cast(:intake as text) is null or e.intake = :intake)
    and (cast(:channel as text) is null or e.channel = :channel)
    and (cast(:online_level as text) is null or e.online_level = :online_level)
group by e.source_code, e.procedure_code
having sum(e.value) <> 0
order by e.source_code, e.procedure_code
