-- Judging a run again forgets what was judged before; holds of an empty answer are not the gate's to lift.
with old_violations as (
    delete from stg.violation where run_id = :run_id
),

old_results as (
    delete from stg.gate_result where run_id = :run_id
)

update landing.delivery as d
set state = 'landed', reason = null
from landing.run_delivery as rd
where rd.delivery_id = d.delivery_id and rd.run_id = :run_id and d.state in ('held', 'failed') and d.landed > 0
