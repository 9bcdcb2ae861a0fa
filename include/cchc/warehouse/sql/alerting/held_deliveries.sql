-- The deliveries of a reporting day that wait for a person's decision.
select
    d.source_code,
    d.delivery_id
from ops.newest_outcome as o
inner join landing.run_delivery as rd using (run_id)
inner join landing.delivery as d on rd.delivery_id = d.delivery_id and o.source_code = d.source_code
where o.reporting_day = :day and o.state = 'held' and d.state = 'held'
order by d.source_code, d.dataset, d.delivery_id
