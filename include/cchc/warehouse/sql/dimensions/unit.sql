insert into core.unit (unit_code, valid_from, valid_to, name, unit_group, parent_code)
values (:unit_code, :valid_from, :valid_to, :name, :unit_group, :parent_code)
on conflict (unit_code, valid_from) do update set
    valid_to = excluded.valid_to,
    name = excluded.name,
    unit_group = excluded.unit_group,
    parent_code = excluded.parent_code
