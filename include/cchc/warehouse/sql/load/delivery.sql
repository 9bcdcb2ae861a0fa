select
    unit_code,
    source_code,
    dataset,
    window_to,
    received,
    refused,
    landed,
    pulled_at,
    state,
    coalesce((
        select x.decision = 'rejected' from ops.delivery_decision as x
        where x.delivery_id = landing.delivery.delivery_id
        order by x.decision_id desc
        limit 1
    ), false) as is_rejected
from landing.delivery
where delivery_id = :delivery_id
