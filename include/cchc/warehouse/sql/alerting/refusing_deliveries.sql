-- Of each source the run, of those a reporting day tells of, that refused most: the deliveries it refused records of.
select
    d.source_code,
    d.dataset,
    d.delivery_id,
    d.received,
    d.refused,
    d.landed,
    chosen.run_id
from (
    select distinct on (t.source_code)
        t.source_code,
        t.run_id
    from ops.run_to_tell as t
    inner join ops.run as r on t.run_id = r.run_id
    where t.reporting_day = :day and t.refused > 0
    order by t.source_code asc, t.refused desc, r.started_at desc
) as chosen
inner join landing.run_delivery as rd on chosen.run_id = rd.run_id
inner join landing.delivery as d on rd.delivery_id = d.delivery_id and chosen.source_code = d.source_code
where d.refused > 0
order by d.source_code, d.dataset
