-- Releases that have numbers of exactly the days of a period, the newest day and the newest word first.
select
    r.release_id,
    r.reporting_day
from publish.release as r
where exists (
    select 1
    from publish.indicator_value as v
    where v.release_id = r.release_id and v.period_from = :period_from and v.period_to = :period_to
)
order by r.reporting_day desc, r.published_at desc, r.release_id
