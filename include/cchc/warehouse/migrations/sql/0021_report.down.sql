drop schema report cascade;
drop function core.procedure_names;
drop table ops.unit_login cascade; -- and the policies that ask it
drop table core.indicator;
drop table core.measure;
alter view ops.newest_outcome reset (security_invoker);
alter view ops.outbox_due reset (security_invoker);
alter view ops.run_to_tell reset (security_invoker);
alter view ops.source_schema reset (security_invoker);
