-- Judging a run again forgets what was judged before.
with old_violations as (
    delete from stg.violation where run_id = :run_id
),

old_results as (
    delete from stg.gate_result where run_id = :run_id
),

old_counts as (
    delete from ops.rule_count where run_id = :run_id
),

old_facts as (
    delete from stg.delivery where run_id = :run_id
)

update landing.delivery as d
set state = 'landed', held_by = array[]::text[], reason = null
from landing.run_delivery as rd
where rd.delivery_id = d.delivery_id and rd.run_id = :run_id and d.state in ('held', 'failed')
