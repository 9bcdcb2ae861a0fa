-- The open rows of the deliveries a run brought, counted by what is wrong; a row that came twice counts once.
select
    unit_code,
    source_code,
    dataset,
    message,
    count(distinct record_key) as row_count
from quarantine.item
where
    state = 'open'
    and delivery_id in (select delivery_id from landing.run_delivery where run_id = :run_id)
group by unit_code, source_code, dataset, message
order by unit_code, source_code, dataset, message
