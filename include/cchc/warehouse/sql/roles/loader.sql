-- The loader pulls, stages, judges, loads and counts. It publishes nothing, answers no question, and says of no login what
-- that may read. Of what is still wrong it tells people at once, so it writes alerts and messages.
grant usage on schema landing, stg, core, mart, quarantine, ops, publish, quality to cchc_loader;
grant create on schema stg to cchc_loader; -- the view of a run's batch
grant select on all tables in schema landing, core, mart, quarantine, ops, publish, quality to cchc_loader;
grant insert, update, delete on all tables in schema landing, core, mart, quarantine, ops to cchc_loader;
grant usage on all sequences in schema core, quarantine, ops to cchc_loader;
grant select on public.cchc_version to cchc_loader;
revoke all on ops.unit_login from cchc_loader;
revoke update, delete on ops.delivery_decision from cchc_loader;
