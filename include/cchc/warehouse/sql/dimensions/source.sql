insert into core.source (source_code, unit_code, profile_code, kind, title, on_time_rule, expected, listed)
values (:source_code, :unit_code, :profile_code, :kind, :title, :on_time_rule, :expected, :listed)
on conflict (source_code) do update set
    unit_code = excluded.unit_code,
    profile_code = excluded.profile_code,
    kind = excluded.kind,
    title = excluded.title,
    on_time_rule = excluded.on_time_rule,
    expected = excluded.expected,
    listed = excluded.listed
