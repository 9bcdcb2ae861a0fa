insert into ops.source_outcome (
    run_id, unit_code, source_code, state, stage, error_class, message,
    received, loaded, unchanged, quarantined, refused, removed, came_back, started_at, finished_at
)
values (
    :run_id, :unit_code, :source_code, :state, :stage, :error_class, :message,
    :received, :loaded, :unchanged, :quarantined, :refused, :removed, :came_back, :started_at, :finished_at
)
on conflict (run_id, source_code) do update set
    state = excluded.state,
    stage = excluded.stage,
    error_class = excluded.error_class,
    message = excluded.message,
    received = excluded.received,
    loaded = excluded.loaded,
    unchanged = excluded.unchanged,
    quarantined = excluded.quarantined,
    refused = excluded.refused,
    removed = excluded.removed,
    came_back = excluded.came_back,
    finished_at = excluded.finished_at
