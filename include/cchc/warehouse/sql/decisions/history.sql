select
    decision,
    decided_by,
    reason,
    held_because,
    decided_at
from ops.delivery_decision
where delivery_id = :delivery_id
order by decision_id
