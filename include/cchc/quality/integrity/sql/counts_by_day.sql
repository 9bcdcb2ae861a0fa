-- The dossiers of a test by unit: how many show the pattern, of how many. A unit that has other days as busy as the
-- busiest one that shows it works in batches, or on few days: that is its way of working and no pattern.
select
    b.unit_code,
    cast(coalesce(sum(b.records) filter (where b.shows), 0) as bigint) as numerator,
    cast(sum(b.records) as bigint) as denominator,
    coalesce(
        max(b.records) filter (where b.shows)
        >= cast(:busier as numeric) * coalesce(max(b.records) filter (where not b.shows), 0),
        false
    ) as shows
from (
    select
        r.unit_code,
        r.shows,
        count(*) as records
    from {view} as r
    group by r.unit_code, r.shows, (r.moment at time zone 'Asia/Ho_Chi_Minh')::date
) as b
group by 1
