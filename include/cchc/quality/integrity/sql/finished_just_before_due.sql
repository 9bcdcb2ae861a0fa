-- Of the dossiers that ended and whose due time has an hour: those that ended in its last minutes. A time of 00:00, of
-- 07:00 (00:00 of a system that counts in UTC) or of the last minute of a day states the day alone. What is due within
-- hours of its receipt always ends just before that.
select
    f.unit_code,
    f.source_code,
    f.dossier_code,
    f.received_at,
    f.due_at,
    f.moment,
    f.ended_at <= f.due_at and f.ended_at > f.due_at - make_interval(mins => cast(:minutes as integer)) as shows
from {view} as f
where
    (f.due_at at time zone 'Asia/Ho_Chi_Minh')::time not in (time '00:00', time '07:00')
    and (f.due_at at time zone 'Asia/Ho_Chi_Minh')::time < time '23:59'
    and (f.ended_at at time zone 'Asia/Ho_Chi_Minh')::time not in (time '00:00', time '07:00')
    and f.due_at >= f.received_at + make_interval(hours => cast(:shortest_hours as integer))
