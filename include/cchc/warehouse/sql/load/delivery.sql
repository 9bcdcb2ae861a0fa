select
    unit_code,
    source_code,
    dataset,
    window_to,
    received,
    refused,
    landed,
    pulled_at,
    state
from landing.delivery
where delivery_id = :delivery_id
