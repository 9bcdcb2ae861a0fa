alter table ops.run drop column pulls_ended_at;
drop table ops.attempt;
