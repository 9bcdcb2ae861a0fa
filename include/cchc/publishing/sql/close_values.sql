insert into publish.closed_value (
    calendar, period, revision, unit_code, set_code, indicator_code,
    value, numerator, denominator, printed, reason, coverage, fresh_to
)
values (
    :calendar, :period, :revision, :unit_code, :set_code, :indicator_code,
    :value, :numerator, :denominator, :printed, :reason, :coverage, :fresh_to
)
