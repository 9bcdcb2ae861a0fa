-- Releases that have numbers of exactly the days of a period: those that have them of a set first (:set_code, null: of
-- none), then the newest day and the newest word. :release_id null: of all releases; else only this one.
select
    r.release_id,
    r.reporting_day,
    r.content_sha256,
    r.path,
    r.sources_expected,
    r.sources_fresh
from publish.release as r
where
    (cast(:release_id as text) is null or r.release_id = :release_id)
    and exists (
        select 1
        from publish.indicator_value as v
        where v.release_id = r.release_id and v.period_from = :period_from and v.period_to = :period_to
    )
order by
    exists (
        select 1
        from publish.indicator_value as v
        where
            v.release_id = r.release_id
            and v.period_from = :period_from
            and v.period_to = :period_to
            and v.set_code = cast(:set_code as text)
    ) desc,
    r.reporting_day desc,
    r.published_at desc,
    r.release_id asc
