-- Judging a run again forgets what was judged before; what was held stays so until it is judged anew (lift_holds.sql).
with old_violations as (
    delete from stg.violation where run_id = :run_id
),

old_results as (
    delete from stg.gate_result where run_id = :run_id
),

old_counts as (
    delete from ops.rule_count where run_id = :run_id
)

delete from stg.delivery
where run_id = :run_id
