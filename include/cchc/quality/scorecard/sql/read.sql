-- The marks of a night, each beside the newest one whose span of the same length ends before this one begins.
select
    s.unit_code,
    s.dimension,
    s.nights,
    s.numerator,
    s.denominator,
    s.oldest_nights,
    before.numerator as numerator_before,
    before.denominator as denominator_before
from quality.scorecard as s
left join
    lateral (
        select
            b.numerator,
            b.denominator
        from quality.scorecard as b
        where
            b.unit_code = s.unit_code and b.dimension = s.dimension and b.nights = s.nights
            and b.reporting_day <= s.reporting_day - s.nights and b.reporting_day > s.reporting_day - 2 * s.nights
        order by b.reporting_day desc
        limit 1
    ) as before
    on true
where
    s.reporting_day = :day
    and (cast(:units as text[]) is null or s.unit_code = any(:units))
order by s.unit_code
