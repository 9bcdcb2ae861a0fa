select
    source_code,
    unit_code,
    state,
    stage,
    error_class,
    message,
    received,
    loaded,
    unchanged,
    quarantined,
    refused,
    removed,
    came_back,
    started_at,
    finished_at
from ops.source_outcome
where run_id = :run_id
order by source_code
