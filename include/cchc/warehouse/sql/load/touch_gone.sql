insert into ops.touched_day (unit_code, dataset, day, procedure_code)
select distinct c.unit_code, '{dataset}', d.day, {event_procedure_c}
from load_gone as c
cross join lateral unnest({event_days_c}) as d (day)
where d.day is not null
on conflict do nothing
