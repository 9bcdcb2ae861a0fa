-- In the transaction that holds anew: what an earlier judgement held is free unless it is held again.
update landing.delivery as d
set state = 'landed', held_by = array[]::text[], reason = null
from landing.run_delivery as rd
where rd.delivery_id = d.delivery_id and rd.run_id = :run_id and d.state in ('held', 'failed')
