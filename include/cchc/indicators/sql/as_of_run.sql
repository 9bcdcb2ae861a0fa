create temporary view run as
select r.*
from ops.run as r
where r.started_at < current_setting('cchc.as_of')::timestamptz
