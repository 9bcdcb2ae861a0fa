-- What last came of each source on a reporting day.
select distinct on (o.source_code)
    o.source_code,
    o.state,
    o.error_class
from ops.source_outcome as o
inner join ops.run as r on o.run_id = r.run_id
where r.reporting_day = :day
order by o.source_code asc, o.finished_at desc
