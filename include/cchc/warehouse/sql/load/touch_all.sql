insert into ops.touched_day (unit_code, day, dataset)
select distinct c.unit_code, d.day, '{dataset}'
from core.{dataset} as c
cross join lateral unnest({event_days_c}) as d (day)
where c.unit_code = :unit_code and c.source_code = :source_code and d.day is not null
on conflict do nothing
