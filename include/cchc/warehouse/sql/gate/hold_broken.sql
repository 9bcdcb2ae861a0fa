-- Holds the deliveries of the run that break a critical rule over whole deliveries, unless a person approved them.
with broken as (
    select
        v.delivery_id,
        array_agg(v.rule_code order by r.place) as codes,
        string_agg(v.message, '; ' order by r.place) as reason
    from stg.violation as v
    inner join unnest(cast(:codes as text[])) with ordinality as r (rule_code, place) on v.rule_code = r.rule_code
    where v.run_id = :run_id and v.dataset = 'delivery' and v.severity = 'critical'
    group by v.delivery_id
)

update landing.delivery as d
set state = 'held', held_by = broken.codes, reason = broken.reason
from broken
inner join stg.delivery as f on broken.delivery_id = f.delivery_id
where d.delivery_id = broken.delivery_id and f.run_id = :run_id and not f.is_approved
returning d.delivery_id, d.source_code, d.dataset, d.reason, d.held_by
