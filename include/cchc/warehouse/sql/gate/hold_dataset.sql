-- Holds every delivery of a dataset whose batch could not be judged, whatever anybody decided about it.
update landing.delivery as d
set state = 'held', held_by = array[]::text[], reason = :reason
from landing.run_delivery as rd
where rd.delivery_id = d.delivery_id and rd.run_id = :run_id and d.dataset = any(cast(:datasets as text[]))
returning d.delivery_id, d.source_code, d.dataset, d.reason, d.held_by
