insert into core.tombstone as t (unit_code, source_code, dataset, record_key, delivery_id, seen_at, gone_at)
select g.unit_code, g.source_code, '{dataset}', g.record_key, :delivery_id, g.pulled_at, :pulled_at
from load_gone as g
on conflict (unit_code, source_code, dataset, record_key) do update set
    delivery_id = excluded.delivery_id,
    seen_at = excluded.seen_at,
    gone_at = excluded.gone_at,
    came_back_at = null
