-- Rows of a content that is not believed are nobody's to correct.
update quarantine.item
set state = 'expired', closed_at = clock_timestamp()
where delivery_id = :delivery_id and state = 'open'
