-- How many records the runs of a reporting day, up to this one, took out of the numbers because their source has them no more,
-- and how many of those removed before came back, by source. Of the whole day and from the ledger: a night that is begun
-- again, or was killed before it wrote its outcomes, tells the same.
with of_day as (
    select other.run_id
    from ops.run as this
    inner join ops.run as other on this.reporting_day = other.reporting_day and this.started_at >= other.started_at
    where this.run_id = :run_id and other.kind <> 'replay'
)

select
    d.source_code,
    cast(sum(l.removed) as bigint) as removed,
    cast(sum(l.came_back) as bigint) as came_back
from of_day as o
inner join landing.run_delivery as rd on o.run_id = rd.run_id
inner join landing.delivery as d on rd.delivery_id = d.delivery_id
inner join ops.load_ledger as l on rd.delivery_id = l.delivery_id and rd.run_id = l.run_id
where l.removed + l.came_back > 0
group by d.source_code
