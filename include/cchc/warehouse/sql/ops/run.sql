select
    run_id,
    reporting_day,
    kind,
    sources,
    state,
    started_at,
    finished_at
from ops.run
where run_id = :run_id
