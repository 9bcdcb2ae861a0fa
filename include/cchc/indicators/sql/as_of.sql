-- The rows of a dataset as the warehouse had them at a moment: those that stand since then, and the versions that were
-- replaced or removed later, read once (`{dataset}_before`). A load's own moment ends one version and begins the next.
create temporary view {dataset} as
select c.*
from core.{dataset} as c
where c.known_since < current_setting('cchc.as_of')::timestamptz
union all
select b.*
from pg_temp.{dataset}_before as b
