update ops.run
set state = :state, finished_at = clock_timestamp(), note = :note
where run_id = :run_id
