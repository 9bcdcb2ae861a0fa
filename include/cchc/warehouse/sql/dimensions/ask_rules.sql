insert into core.asked_rule (on_time_rule)
select a.on_time_rule
from unnest(cast(:rules as text[])) as a (on_time_rule)
on conflict do nothing
