-- Finished, so that the file is not needed again; and what it tells of has been told, once a night however many people are
-- told.
with finished as (
    update ops.outbox
    set state = 'sent', sent_at = clock_timestamp(), last_error = null, attachment = null
    where message_no = :message_no and state <> 'sent'
    returning alerts, reporting_day
)

update ops.alert as a
set
    told_at = clock_timestamp(),
    told_day = f.reporting_day,
    times_told = a.times_told + (coalesce(a.told_day, '-infinity') <> f.reporting_day)::integer
from finished as f
where a.alert_id = any(f.alerts)
