-- The first open rows of each unit among the deliveries a run brought, each row and rule once.
with seen as (
    select distinct on (unit_code, source_code, dataset, record_key, rule_code)
        unit_code,
        source_code,
        dataset,
        record_key,
        rule_code,
        message,
        page
    from quarantine.item
    where
        state = 'open'
        and delivery_id in (select delivery_id from landing.run_delivery where run_id = :run_id)
    order by unit_code, source_code, dataset, record_key, rule_code, item_id desc
),

numbered as (
    select
        *,
        row_number() over (partition by unit_code order by source_code, dataset, rule_code, record_key) as place
    from seen
)

select
    unit_code,
    source_code,
    dataset,
    record_key,
    message,
    page
from numbered
where place <= :most
order by unit_code, place
