-- What the counts of dossiers depend on.
select
    s.source_code,
    s.unit_code,
    s.on_time_rule,
    s.listed
from core.source as s
