-- Of the dossiers that ended and whose two times have seconds: those that were received that very moment. A time on the
-- full minute may state the minute, the hour or the day alone, so it says nothing about a second.
select
    f.unit_code,
    f.source_code,
    f.dossier_code,
    f.received_at,
    f.due_at,
    f.moment,
    abs(extract(epoch from f.ended_at) - extract(epoch from f.received_at)) < cast(:seconds as integer) as shows
from {view} as f
where extract(second from f.ended_at) <> 0 and extract(second from f.received_at) <> 0
