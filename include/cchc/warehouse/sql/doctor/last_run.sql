select
    reporting_day,
    kind,
    state,
    started_at,
    finished_at,
    note,
    clock_timestamp() - started_at as age
from ops.run
where kind = 'sync'
order by started_at desc
limit 1
