insert into core.change_history (unit_code, dataset, record_key, change, old_row, delivery_id)
select c.unit_code, '{dataset}', {record_key_c}, 'update', to_jsonb(c), :delivery_id
from core.{dataset} as c
inner join load_plan as good
    on good.unit_code = c.unit_code and good.source_code = c.source_code and {key_join}
where good.effect = 'update'
