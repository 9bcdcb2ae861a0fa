-- The numbers of a release over exactly the days of a period.
select
    v.unit_code,
    v.set_code,
    v.indicator_code,
    v.value,
    v.numerator,
    v.denominator,
    v.printed,
    v.reason,
    v.coverage
from publish.indicator_value as v
where v.release_id = :release_id and v.period_from = :period_from and v.period_to = :period_to
order by v.unit_code, v.set_code, v.indicator_code
