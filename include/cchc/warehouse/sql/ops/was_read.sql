select count(*) > 0
from ops.run as r
inner join ops.source_outcome as o on r.run_id = o.run_id
where
    r.kind = 'sync' and r.reporting_day >= :since
    and o.unit_code = :unit_code and o.source_code = :source_code and o.state in ('loaded', 'unchanged')
