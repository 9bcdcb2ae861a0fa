insert into core.unit_code (code_system, code, valid_from, unit_code)
values (:code_system, :code, :valid_from, :unit_code)
on conflict (code_system, code, valid_from) do update set unit_code = excluded.unit_code
