drop index core.source_unit;
alter table core.source drop column listed;
