-- The open rows of the deliveries a run brought, counted by rule; a row that came in two deliveries counts once.
select
    unit_code,
    source_code,
    dataset,
    rule_code,
    min(message) as message,
    count(distinct record_key) as row_count
from quarantine.item
where
    state = 'open'
    and delivery_id in (select delivery_id from landing.run_delivery where run_id = :run_id)
group by unit_code, source_code, dataset, rule_code
order by unit_code, source_code, dataset, rule_code
