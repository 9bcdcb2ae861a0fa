insert into ops.touched_day (unit_code, dataset, day, procedure_code)
select distinct good.unit_code, '{dataset}', d.day, {event_procedure_good}
from load_plan as good
cross join lateral unnest({event_days_good}) as d (day)
where good.effect in ('insert', 'update') and d.day is not null
on conflict do nothing
