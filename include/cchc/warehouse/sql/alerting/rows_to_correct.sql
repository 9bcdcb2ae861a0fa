-- The first open rows of each unit among the deliveries a run brought, each once with all that is wrong with it, and how
-- many rows the unit has in all.
with seen as (
    select
        unit_code,
        source_code,
        dataset,
        record_key,
        (array_agg(page order by item_id desc))[1] as page,
        string_agg(distinct message, '; ' order by message) as message
    from quarantine.item
    where
        state = 'open'
        and delivery_id in (select delivery_id from landing.run_delivery where run_id = :run_id)
    group by unit_code, source_code, dataset, record_key
),

numbered as (
    select
        *,
        row_number() over (partition by unit_code order by source_code, dataset, record_key) as place,
        count(*) over (partition by unit_code) as of_unit
    from seen
)

select
    unit_code,
    source_code,
    dataset,
    record_key,
    message,
    page,
    of_unit
from numbered
where place <= :most
order by unit_code, place
