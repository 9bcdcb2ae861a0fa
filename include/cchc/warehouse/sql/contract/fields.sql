-- Each field of a source, its kinds, and whether a frozen delivery may bring it.
select
    dataset,
    path,
    array_agg(kind order by kind) as kinds,
    min(first_seen) as first_seen,
    max(last_seen) as last_seen,
    bool_or(accepted_at is not null) as is_accepted,
    string_agg(distinct accepted_by, ', ') as accepted_by
from ops.source_field
where source_code = :source_code
group by dataset, path
order by dataset, path
