-- Waits for attempts that are about to commit; none writes afterwards.
update ops.run
set pulls_ended_at = coalesce(pulls_ended_at, clock_timestamp())
where run_id = :run_id
