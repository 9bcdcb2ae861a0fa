-- All rows of a source are about to be replaced: the unit's marts are made anew.
insert into ops.stale_mart (unit_code, dataset)
select distinct c.unit_code, '{dataset}'
from core.{dataset} as c
where c.unit_code = any(:unit_codes) and c.source_code = :source_code
on conflict do nothing
