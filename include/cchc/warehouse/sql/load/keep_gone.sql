insert into core.change_history (unit_code, dataset, record_key, change, old_row, delivery_id)
select g.unit_code, '{dataset}', g.record_key, 'remove', to_jsonb(g) - 'record_key', :delivery_id
from load_gone as g
