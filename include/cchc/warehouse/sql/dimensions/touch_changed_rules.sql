-- A source whose on-time rule changed: the days its dossiers ended are to be counted again.
insert into ops.touched_day (unit_code, day, dataset)
select distinct
    d.unit_code,
    e.day,
    'dossier'
from core.source as old
inner join unnest(cast(:sources as text[]), cast(:rules as text[])) as new (source_code, on_time_rule)
    on old.source_code = new.source_code and old.on_time_rule <> new.on_time_rule
inner join core.dossier as d on old.unit_code = d.unit_code and old.source_code = d.source_code
cross join lateral unnest({event_days}) as e (day)
where e.day is not null
on conflict do nothing
