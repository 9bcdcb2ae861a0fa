-- The publisher works out indicators, releases and closes periods, asks questions, and tells people. It changes no record;
-- what is published it only adds to. Counts that lag behind what is loaded it makes good before it publishes.
grant usage on schema landing, stg, core, mart, quarantine, ops, publish, quality to cchc_publisher;
grant select on all tables in schema landing, core, mart, quarantine, ops, publish, quality to cchc_publisher;
grant insert on all tables in schema publish to cchc_publisher;
-- a link is sealed in the transaction that adds it
grant update (values_sha256, records_sha256, chain_sha256) on publish.chain_link to cchc_publisher;
grant insert, update, delete on all tables in schema quality, mart to cchc_publisher;
grant insert, update, delete on ops.alert, ops.outbox, ops.touched_day, ops.stale_mart to cchc_publisher;
grant update on ops.run to cchc_publisher;
grant update (own_due_at, own_due_stale) on core.dossier to cchc_publisher;
grant usage on all sequences in schema quality, ops to cchc_publisher;
grant select on public.cchc_version to cchc_publisher;
revoke all on ops.unit_login from cchc_publisher;
