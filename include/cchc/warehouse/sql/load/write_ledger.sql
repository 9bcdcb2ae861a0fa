insert into ops.load_ledger (
    delivery_id, mapping_version, pulled_at, unit_code, run_id,
    received, inserted, updated, unchanged, quarantined, refused, removed, came_back, known, proves_from, proves_to
)
values (
    :delivery_id, :mapping_version, :pulled_at, :unit_code, :run_id,
    :received, :inserted, :updated, :unchanged, :quarantined, :refused, :removed, :came_back, :known, :proves_from, :proves_to
)
