select
    dataset,
    first_seen,
    fingerprint,
    fields,
    added
from ops.source_schema
where source_code = :source_code
order by dataset, first_seen
