select
    item_id,
    unit_code,
    source_code,
    dataset,
    record_key,
    rule_code,
    severity,
    message,
    page,
    state,
    first_seen,
    last_seen
from quarantine.item
where
    (cast(:unit as text) is null or unit_code = :unit)
    and (cast(:source as text) is null or source_code = :source)
    and (cast(:rule as text) is null or rule_code = :rule)
    and (cast(:state as text) is null or state = :state)
order by last_seen desc, item_id desc
limit :most
