select
    v.unit_code,
    v.set_code,
    v.indicator_code,
    v.value,
    v.numerator,
    v.denominator,
    v.printed,
    v.reason,
    v.coverage,
    v.fresh_to
from publish.closed_value as v
where v.calendar = :calendar and v.period = :period and v.revision = :revision
order by v.unit_code, v.set_code, v.indicator_code
