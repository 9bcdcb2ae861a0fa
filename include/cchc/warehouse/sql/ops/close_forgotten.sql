-- A process that was killed could not close its run.
update ops.run
set
    state = 'failed',
    finished_at = clock_timestamp(),
    note = 'its process ended before it could close the run'
where state = 'running' and started_at < clock_timestamp() - make_interval(hours => :hours)
