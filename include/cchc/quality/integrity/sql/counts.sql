-- The dossiers of a test by unit: how many show the pattern, of how many.
select
    r.unit_code,
    count(*) filter (where r.shows) as numerator,
    count(*) as denominator,
    true as shows
from {view} as r
group by 1
