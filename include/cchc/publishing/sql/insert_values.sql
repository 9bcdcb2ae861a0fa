insert into publish.indicator_value (
    release_id, unit_code, set_code, indicator_code, period_from, period_to,
    value, numerator, denominator, printed, reason, coverage, fresh_to
)
values (
    :release_id, :unit_code, :set_code, :indicator_code, :period_from, :period_to,
    :value, :numerator, :denominator, :printed, :reason, :coverage, :fresh_to
)
