-- The open rows of the deliveries a night brought, counted by what is wrong; a row that came twice counts once. New are those
-- that no night before this reporting day's saw.
select
    i.unit_code,
    i.source_code,
    i.dataset,
    i.rule_code,
    i.message,
    count(distinct i.record_key) as row_count,
    count(distinct i.record_key) filter (
        where i.first_seen >= (select min(r.started_at) from ops.run as r where r.reporting_day = :day)
    ) as new_count
from quarantine.item as i
inner join landing.run_delivery as rd using (delivery_id)
inner join ops.run_to_tell as o on rd.run_id = o.run_id and i.source_code = o.source_code
where i.state = 'open' and o.reporting_day = :day
group by i.unit_code, i.source_code, i.dataset, i.rule_code, i.message
order by i.unit_code asc, row_count desc, i.source_code asc, i.dataset asc, i.message asc, i.rule_code asc
