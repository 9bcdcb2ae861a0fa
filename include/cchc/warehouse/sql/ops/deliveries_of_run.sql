select
    d.delivery_id,
    d.unit_code,
    d.source_code,
    d.dataset,
    d.received,
    d.refused,
    d.state,
    d.reason,
    d.held_by,
    (select count(*) > 0 from ops.load_ledger as l where l.delivery_id = d.delivery_id) as was_loaded
from landing.run_delivery as rd
inner join landing.delivery as d using (delivery_id)
where rd.run_id = :run_id
order by d.source_code, d.pulled_at, d.dataset
