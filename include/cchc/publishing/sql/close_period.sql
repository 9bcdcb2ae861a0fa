insert into publish.closed_period (
    calendar, period, revision, period_from, period_to, reporting_day, closed_by, note, catalogue_sha256,
    on_time_rules, sources_expected, sources_complete
)
values (
    :calendar, :period, :revision, :period_from, :period_to, :reporting_day, :closed_by, :note, :catalogue_sha256,
    cast(:on_time_rules as jsonb), :sources_expected, :sources_complete
)
