select run_id
from ops.run
where started_at < clock_timestamp() - make_interval(days => :days)
