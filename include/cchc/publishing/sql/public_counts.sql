-- What the releases of earlier days said to the public, the oldest first.
select
    c.ended,
    case when row_number() over (order by r.reporting_day desc, r.published_at desc) = 1 then c.to_date end as to_date
from publish.public_counts as c
inner join publish.release as r on c.release_id = r.release_id
where r.reporting_day >= :since and r.reporting_day < :day
order by r.reporting_day, r.published_at
