-- What of each source left the numbers in the runs that a day's messages tell of, since the source has it no more, and what came
-- back; with the first few keys of what is gone still. From the ledger: a run that was killed after its load has no outcome
-- that says so.
with told as (
    select
        d.unit_code,
        d.source_code,
        d.dataset,
        sum(l.removed) as removed,
        sum(l.came_back) as came_back,
        max(l.known) as known,
        bool_or(d.refused > 0 and l.removed > 0) as refuses,
        coalesce(array_agg(distinct d.delivery_id) filter (where l.removed > 0), array[]::uuid[]) as deliveries
    from ops.run_to_tell as t
    inner join landing.run_delivery as rd on t.run_id = rd.run_id
    inner join landing.delivery as d on rd.delivery_id = d.delivery_id and t.source_code = d.source_code
    inner join ops.load_ledger as l on d.delivery_id = l.delivery_id and t.run_id = l.run_id
    where t.reporting_day = :day and l.removed + l.came_back > 0
    group by d.unit_code, d.source_code, d.dataset
)

select
    told.unit_code,
    told.source_code,
    told.dataset,
    cast(told.removed as bigint) as removed,
    cast(told.came_back as bigint) as came_back,
    told.known,
    told.refuses,
    told.deliveries,
    array(
        select g.record_key
        from core.tombstone as g
        where
            g.unit_code = told.unit_code and g.source_code = told.source_code and g.dataset = told.dataset
            and g.delivery_id = any(told.deliveries) and g.came_back_at is null
        order by g.record_key
        limit :most
    ) as record_keys
from told
order by told.unit_code, told.source_code, told.dataset
