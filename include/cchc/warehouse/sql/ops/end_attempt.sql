update ops.attempt
set seconds = extract(epoch from cast(:finished_at as timestamptz) - cast(:started_at as timestamptz))
where run_id = :run_id and source_code = :source_code
