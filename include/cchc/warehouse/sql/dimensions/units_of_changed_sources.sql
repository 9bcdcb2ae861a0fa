select distinct coalesce(old.unit_code, new.unit_code) as unit_code
from core.source as old
full join
    unnest(
        cast(:sources as text[]), cast(:units as text[]), cast(:rules as text[]), cast(:places as smallint[])
    ) as new (source_code, unit_code, on_time_rule, listed)
    on old.source_code = new.source_code
where (old.unit_code, old.on_time_rule, old.listed) is distinct from (new.unit_code, new.on_time_rule, new.listed)
order by unit_code
