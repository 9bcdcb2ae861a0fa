-- What of each source left the numbers in the runs that a day's messages tell of, since the source has it no more, and what came
-- back; with the first few keys of what is gone still. A record that got a mark of secrecy is refused and so is gone, too: where
-- the source refuses any, or the matter of those it refused was open until this day, no key is told. From the ledger: a run that
-- was killed after its load has no outcome that says so.
with told as (
    select
        d.unit_code,
        d.source_code,
        d.dataset,
        sum(l.removed) as removed,
        sum(l.came_back) as came_back,
        max(l.known) as known,
        bool_or(d.refused > 0) as refuses,
        coalesce(array_agg(distinct d.delivery_id) filter (where l.removed > 0), array[]::uuid[]) as deliveries
    from ops.run_to_tell as t
    inner join landing.run_delivery as rd on t.run_id = rd.run_id
    inner join landing.delivery as d on rd.delivery_id = d.delivery_id and t.source_code = d.source_code
    left join ops.load_ledger as l on d.delivery_id = l.delivery_id and t.run_id = l.run_id
    where t.reporting_day = :day
    group by d.unit_code, d.source_code, d.dataset
    having sum(l.removed + l.came_back) > 0
),

judged as (
    select
        told.*,
        told.removed > 0 and (
            told.refuses
            or exists (
                select 1
                from ops.alert as a
                where
                    a.kind = 'secrecy' and a.unit_code = told.unit_code and a.source_code = told.source_code
                    and (a.closed_day is null or a.closed_day >= :day)
            )
        ) as is_silent
    from told
)

select
    j.unit_code,
    j.source_code,
    j.dataset,
    cast(j.removed as bigint) as removed,
    cast(j.came_back as bigint) as came_back,
    j.known,
    j.is_silent as refuses,
    j.deliveries,
    array(
        select g.record_key
        from core.tombstone as g
        where
            not j.is_silent
            and g.unit_code = j.unit_code and g.source_code = j.source_code and g.dataset = j.dataset
            and g.delivery_id = any(j.deliveries) and g.came_back_at is null
        order by g.record_key
        limit :most
    ) as record_keys
from judged as j
order by j.unit_code, j.source_code, j.dataset
