-- The dossiers a period's numbers can count: taken in by its end, and not over before it began.
insert into publish.closed_record (calendar, period, revision, unit_code, source_code, dossier_code, row_hash)
select
    :calendar,
    :period,
    :revision,
    d.unit_code,
    d.source_code,
    d.dossier_code,
    d.row_hash
from core.dossier as d
where
    coalesce(d.received_at, d.supplement_at) < (cast(:period_to as date) + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh'
    and coalesce(d.finished_at, d.returned_at, 'infinity')
    >= cast(:period_from as date)::timestamp at time zone 'Asia/Ho_Chi_Minh'
