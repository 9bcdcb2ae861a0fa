-- What units state about themselves, newest word last.
select
    r.unit_code,
    r.source_code,
    r.measure_code,
    r.period_from,
    r.period_to,
    r.value,
    r.numerator,
    r.denominator,
    r.ratio,
    r.evidence,
    r.delivery_id,
    r.row_no
from core.reported_measure as r
where r.unit_code = any(:units) and r.measure_code = any(:codes)
order by r.pulled_at, r.period_from, r.period_to
