-- Of the dossiers that ended in the month of reports: those that ended on the day it closes. Where that is no working day,
-- the last working day before it closes the month as well.
select
    f.unit_code,
    f.source_code,
    f.dossier_code,
    f.received_at,
    f.due_at,
    f.moment,
    (f.ended_at at time zone 'Asia/Ho_Chi_Minh')::date >= coalesce(closing.first_day, cast(:last as date)) as shows
from {view} as f
cross join
    lateral (
        select max(c.day) as first_day
        from core.calendar_day as c
        where c.is_working and c.day between cast(:first as date) and cast(:last as date)
    ) as closing
