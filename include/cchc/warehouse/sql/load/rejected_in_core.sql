-- Deliveries of a source that are loaded, though a person has rejected their content since.
select l.delivery_id
from ops.load_ledger as l
inner join landing.delivery as d on l.delivery_id = d.delivery_id
where
    d.unit_code = any(:unit_codes) and d.source_code = :source_code
    and d.state = 'held' and 'DELIVERY_REJECTED' = any(d.held_by)
group by l.delivery_id
