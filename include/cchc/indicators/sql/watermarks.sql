-- Up to which day each source has delivered each dataset, for the unit that it belongs to now.
select
    w.source_code,
    w.dataset,
    w.complete_to
from ops.watermark as w
inner join unnest(cast(:sources as text[]), cast(:units as text[])) as s (source_code, unit_code)
    on w.source_code = s.source_code and w.unit_code = s.unit_code
