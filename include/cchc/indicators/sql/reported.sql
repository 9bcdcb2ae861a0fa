-- What units state about themselves within the days asked for of each code, newest word last.
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
where
    r.unit_code = any(:units)
    and exists (
        select
        from
            unnest(
                cast(:codes as text[]), cast(:first_days as date[]), cast(:last_days as date[])
            ) as a (code, first_day, last_day)
        where r.measure_code = a.code and r.period_from >= a.first_day and r.period_to <= a.last_day
    )
order by r.pulled_at, r.period_from, r.period_to, r.source_code
