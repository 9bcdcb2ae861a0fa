-- A source that delivered and refused nothing: what it refuses in a night to come is news again, and no reminder.
update ops.alert as a
set cause = ''
from ops.newest_outcome as o
where
    a.kind = 'secrecy' and a.closed_day is null and a.last_day < :day
    and o.source_code = a.source_code and o.reporting_day = :day
    and o.state in ('loaded', 'unchanged') and o.refused = 0
