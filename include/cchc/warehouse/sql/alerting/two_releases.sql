-- The last release of a reporting day, and of the newest day before it that has one; the newer one first.
select distinct on (r.reporting_day)
    r.release_id,
    r.reporting_day,
    r.published_at
from publish.release as r
where r.reporting_day <= :day
order by r.reporting_day desc, r.published_at desc
limit 2
