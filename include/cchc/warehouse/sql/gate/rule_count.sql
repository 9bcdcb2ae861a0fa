insert into ops.rule_count (run_id, unit_code, source_code, dataset, rule_code, severity, broken)
select
    v.run_id,
    d.unit_code,
    d.source_code,
    d.dataset,
    v.rule_code,
    v.severity,
    count(*)
from stg.violation as v
inner join landing.delivery as d on v.delivery_id = d.delivery_id
where v.run_id = :run_id
group by v.run_id, d.unit_code, d.source_code, d.dataset, v.rule_code, v.severity
