select
    j.unit_code,
    j.test_code,
    j.span_from,
    j.span_to,
    j.reporting_day,
    j.verdict,
    j.reason,
    j.figures
from quality.judgement as j
where
    (cast(:span_from as date) is null or j.span_from = :span_from)
    and (cast(:verdict as text) is null or j.verdict = :verdict)
    and (cast(:unit as text) is null or j.unit_code = :unit)
order by j.span_from desc, j.test_code asc, j.unit_code asc
