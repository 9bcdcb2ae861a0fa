update core.tombstone as t
set came_back_at = cast(:pulled_at as timestamptz)
from load_plan as s
where
    s.effect = 'insert' and t.came_back_at is null
    and t.unit_code = s.unit_code and t.source_code = s.source_code and t.dataset = '{dataset}'
    and t.record_key = {record_key_s}
