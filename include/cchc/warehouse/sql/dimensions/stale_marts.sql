insert into ops.stale_mart (unit_code, dataset)
select
    u.unit_code,
    'dossier' as dataset
from unnest(cast(:units as text[])) as u (unit_code)
on conflict do nothing
