insert into ops.touched_day (unit_code, dataset, day, procedure_code)
select distinct c.unit_code, '{dataset}', d.day, {event_procedure_c}
from core.{dataset} as c
inner join load_plan as good
    on good.unit_code = c.unit_code and good.source_code = c.source_code and {key_join}
cross join lateral unnest({event_days_c}) as d (day)
where good.effect = 'update' and d.day is not null
on conflict do nothing
