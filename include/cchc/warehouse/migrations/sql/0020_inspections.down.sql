alter table stg.procedure
drop column title,
drop column field_title;
alter table core.procedure
drop column title,
drop column field_title;
drop table stg.inspection;
drop table core.inspection;
