with merged as (
    insert into core.{dataset} as c (
        unit_code, source_code, {columns}, row_hash, delivery_id, row_no, pulled_at
    )
    select unit_code, source_code, {columns}, row_hash, delivery_id, row_no, cast(:pulled_at as timestamptz)
    from load_plan
    where effect in ('insert', 'update')
    on conflict (unit_code, source_code, {key}) do update
        set
            {assignments},
            row_hash = excluded.row_hash,
            delivery_id = excluded.delivery_id,
            row_no = excluded.row_no,
            pulled_at = excluded.pulled_at,
            known_since = excluded.known_since
        where c.row_hash <> excluded.row_hash and c.pulled_at <= excluded.pulled_at
    returning (xmax = 0) as is_new
)

select
    count(*) filter (where is_new) as inserted,
    count(*) filter (where not is_new) as updated
from merged
