drop view ops.run_to_tell;
alter table ops.run drop column told_in;
