-- How long the newest pull of each source took that has an outcome, whatever that was.
select distinct on (source_code)
    source_code,
    seconds
from ops.attempt
where seconds is not null
order by source_code asc, begun_at desc
