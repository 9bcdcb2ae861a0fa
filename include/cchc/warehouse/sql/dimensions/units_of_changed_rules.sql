select distinct old.unit_code
from core.source as old
inner join unnest(cast(:sources as text[]), cast(:rules as text[])) as new (source_code, on_time_rule)
    on old.source_code = new.source_code and old.on_time_rule <> new.on_time_rule
order by old.unit_code
