insert into ops.load_ledger (
    delivery_id, mapping_version, unit_code, run_id,
    received, inserted, updated, unchanged, quarantined, refused
)
values (
    :delivery_id, :mapping_version, :unit_code, :run_id,
    :received, :inserted, :updated, :unchanged, :quarantined, :refused
)
