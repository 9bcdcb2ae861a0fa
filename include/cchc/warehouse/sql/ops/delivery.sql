select
    delivery_id,
    unit_code,
    source_code,
    dataset,
    window_from,
    window_to,
    path,
    sha256,
    bytes,
    received,
    refused,
    landed,
    source_total,
    unknown_fields,
    profile_code,
    pulled_at,
    state,
    reason
from landing.delivery
where delivery_id = :delivery_id
