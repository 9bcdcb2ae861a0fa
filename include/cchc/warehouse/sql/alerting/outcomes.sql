-- What became of each source on a reporting day.
select
    source_code,
    unit_code,
    state,
    error_class,
    message,
    refused
from ops.newest_outcome
where reporting_day = :day
order by source_code
