-- Dossiers that units ended with a result in a span of days, each once though it stands in two systems.
select
    d.unit_code,
    d.source_code,
    d.dossier_code,
    d.received_at,
    d.due_at,
    coalesce(d.finished_at, d.returned_at) as ended_at,
    coalesce(d.finished_at, d.returned_at) as moment,
    true as shows
from core.dossier as d
left join core.source as s on d.source_code = s.source_code
where
    d.unit_code = any(:units)
    and d.status in ('finished', 'returned')
    and (
        (d.finished_at >= :starts and d.finished_at < :ends)
        or (d.finished_at is null and d.returned_at >= :starts and d.returned_at < :ends)
    )
    and (coalesce(s.listed, 1) = 1 or not exists ({earlier_twin}))
