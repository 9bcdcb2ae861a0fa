insert into quality.judgement (unit_code, test_code, span_from, span_to, reporting_day, verdict, reason, figures)
values (
    :unit_code, :test_code, :span_from, :span_to, :reporting_day, :verdict, :reason, cast(:figures as jsonb)
)
