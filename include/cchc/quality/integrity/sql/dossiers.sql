-- The dossiers of one unit that show a test's pattern.
select
    r.source_code,
    r.dossier_code,
    r.received_at,
    r.due_at,
    r.moment
from {view} as r
where r.shows
order by r.moment asc, r.source_code asc, r.dossier_code asc
limit :most
