insert into ops.run (run_id, reporting_day, kind, sources)
values (:run_id, :day, 'sync', array[]::text[])
