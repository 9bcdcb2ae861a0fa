alter table core.source drop column listed;
