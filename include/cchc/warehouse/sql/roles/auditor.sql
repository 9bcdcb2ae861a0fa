-- The auditor reads everything and writes nothing.
grant usage on schema landing, stg, core, mart, quarantine, ops, publish, quality, report to cchc_auditor;
grant select on all tables in schema landing, core, mart, quarantine, ops, publish, quality, report to cchc_auditor;
grant select on public.cchc_version to cchc_auditor;
