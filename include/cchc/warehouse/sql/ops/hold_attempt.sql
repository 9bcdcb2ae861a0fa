-- One row where the attempt may still write; nobody overtakes it, and nobody ends the run's pulls, before it commits.
-- A process that stands still between lock and commit (a frozen machine, a cable) is cut off after :patience, not waited for.
select
    a.number,
    set_config('idle_in_transaction_session_timeout', :patience, true) as patience
from ops.run as r
inner join ops.attempt as a on r.run_id = a.run_id
where
    r.run_id = :run_id and r.state = 'running' and r.pulls_ended_at is null
    and a.source_code = :source_code and a.number = :number
for share
