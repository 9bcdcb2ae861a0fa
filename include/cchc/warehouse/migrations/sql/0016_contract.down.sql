alter table stg.delivery
drop column new_fields,
drop column changed_kinds;
drop view ops.source_schema;
drop table ops.source_field;
