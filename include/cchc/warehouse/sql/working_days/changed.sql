select day
from core.calendar_day as old
full join unnest(cast(:days as date[]), cast(:working as boolean[])) as new (day, is_working) using (day)
where old.is_working is distinct from new.is_working
order by day
