-- The versions of a dataset's rows that stood at a moment and were replaced or removed later; it ends with the transaction.
create temporary table {dataset}_before on commit drop as
select v.*
from core.change_history as h
cross join lateral jsonb_populate_record(null::core.{dataset}, h.old_row) as v
where
    h.dataset = '{dataset}'
    and h.changed_at >= current_setting('cchc.as_of')::timestamptz
    and v.known_since < current_setting('cchc.as_of')::timestamptz
