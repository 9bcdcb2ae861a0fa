-- The rows of a dataset as the warehouse had them at a moment: those that stand since then, and the versions that were
-- replaced or removed later. A load's own moment ends one version and begins the next.
create temporary view {dataset} as
select c.*
from core.{dataset} as c
where c.known_since < current_setting('cchc.as_of')::timestamptz
union all
select v.*
from core.change_history as h
cross join lateral jsonb_populate_record(null::core.{dataset}, h.old_row) as v
where
    h.dataset = '{dataset}'
    and h.changed_at >= current_setting('cchc.as_of')::timestamptz
    and v.known_since < current_setting('cchc.as_of')::timestamptz
