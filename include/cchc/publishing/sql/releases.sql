-- Releases, newest day and newest word first; :release_id null: all of them.
select
    r.release_id,
    r.reporting_day,
    r.run_id,
    r.content_sha256,
    r.path,
    r.sources_expected,
    r.sources_fresh,
    r.published_at
from publish.release as r
where cast(:release_id as text) is null or r.release_id = :release_id
order by r.reporting_day desc, r.published_at desc
