-- Of the requests for papers about dossiers with a term that is not short: those made in the last working days before
-- the dossier was due. A day that the calendar of working days does not have cannot be counted from.
select
    d.unit_code,
    d.source_code,
    d.dossier_code,
    d.received_at,
    d.due_at,
    d.supplement_at as moment,
    asked.day <= due.day and due.working_no - asked.working_no <= cast(:working_days as integer) as shows
from core.dossier as d
left join core.source as s on d.source_code = s.source_code
inner join core.calendar_day as asked on asked.day = (d.supplement_at at time zone 'Asia/Ho_Chi_Minh')::date
inner join core.calendar_day as due on due.day = (d.due_at at time zone 'Asia/Ho_Chi_Minh')::date
inner join core.calendar_day as received on received.day = (d.received_at at time zone 'Asia/Ho_Chi_Minh')::date
where
    d.unit_code = any(:units)
    and d.supplement_at >= :starts and d.supplement_at < :ends
    and due.working_no - received.working_no >= cast(:shortest_term as integer)
    and (coalesce(s.listed, 1) = 1 or not exists ({earlier_twin}))
