-- A source that came, went, or has another on-time rule or another place in the catalogue: its dossiers are counted again.
insert into ops.touched_day (unit_code, day, dataset)
select distinct
    d.unit_code,
    e.day,
    'dossier'
from core.source as old
full join
    unnest(
        cast(:sources as text[]), cast(:units as text[]), cast(:rules as text[]), cast(:places as smallint[])
    ) as new (source_code, unit_code, on_time_rule, listed)
    on old.source_code = new.source_code
inner join core.dossier as d
    on coalesce(old.unit_code, new.unit_code) = d.unit_code and coalesce(old.source_code, new.source_code) = d.source_code
cross join lateral unnest({event_days}) as e (day)
where
    e.day is not null
    and (old.unit_code, old.on_time_rule, old.listed) is distinct from (new.unit_code, new.on_time_rule, new.listed)
on conflict do nothing
