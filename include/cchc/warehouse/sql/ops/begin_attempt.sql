-- Waits for an earlier attempt that is about to commit; no row where the run takes no more pulls.
insert into ops.attempt (run_id, source_code, number)
select
    r.run_id,
    :source_code,
    1
from ops.run as r
where r.run_id = :run_id and r.state = 'running' and r.pulls_ended_at is null
for share of r
on conflict (run_id, source_code) do update set number = attempt.number + 1, begun_at = excluded.begun_at
returning number, set_config('idle_in_transaction_session_timeout', :patience, true) as patience
