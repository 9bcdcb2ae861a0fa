update quarantine.item
set state = 'waived', closed_at = clock_timestamp(), closed_by = :by, closed_reason = :reason
where item_id = :item_id and state = 'open'
returning item_id
