-- Waits for attempts that are about to commit; none writes afterwards. No row where they were ended before.
update ops.run
set pulls_ended_at = clock_timestamp()
where run_id = :run_id and pulls_ended_at is null
returning run_id
