-- The first and the newest day that a night reported.
select
    min(reporting_day) as first,
    max(reporting_day) as newest
from ops.run
where kind = 'sync'
