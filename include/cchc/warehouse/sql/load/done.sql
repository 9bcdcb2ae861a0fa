select
    received,
    inserted,
    updated,
    unchanged,
    quarantined,
    refused
from ops.load_ledger
where delivery_id = :delivery_id and mapping_version = :mapping_version and pulled_at = :pulled_at
