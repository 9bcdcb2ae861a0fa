-- What a rebuild changed or removed; what it left as it was is known since when it was.
with kept as (
    update core.{dataset} as c
    set known_since = old.known_since
    from before_{dataset} as old
    where old.unit_code = c.unit_code and old.source_code = c.source_code and {key_join_old} and old.row_hash = c.row_hash
)

insert into core.change_history (unit_code, dataset, record_key, change, old_row, delivery_id)
select
    old.unit_code, '{dataset}', {record_key_old},
    case when c.unit_code is null then 'remove' else 'update' end,
    to_jsonb(old), old.delivery_id
from before_{dataset} as old
left join core.{dataset} as c
    on old.unit_code = c.unit_code and old.source_code = c.source_code and {key_join_old}
where c.row_hash is distinct from old.row_hash
