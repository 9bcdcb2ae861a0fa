drop index mart.measure_day_by_day;
alter table mart.measure_day drop constraint measure_day_pkey;
alter table mart.measure_day add primary key (
    unit_code, day, measure_code, procedure_code, intake, channel, online_level
);
drop table mart.definition;
drop table core.asked_rule;
drop function core.needs_result;
drop function core.procedure_on;
drop function core.promised_at;
drop index core.procedure_by_code;
drop index core.dossier_paused_due;
create index dossier_paused_due on core.dossier (
    unit_code, core.paused_due_at(due_at, supplement_at, supplement_completed_at)
) where supplement_completed_at is not null;
drop table core.official_score;
drop table stg.official_score;
drop table core.petition;
drop table stg.petition;
alter table core.dossier
drop column apology_at,
drop column components_digitised,
drop column data_reused,
drop column personal_store,
drop column citizen_data,
drop column dissatisfied,
drop column own_due_at,
drop column own_due_stale;
alter table core.document
drop column done_on;
alter table core.procedure
drop column cutoff,
drop column needs_result,
drop column has_fee,
drop column for_citizens,
drop column announced_on,
drop column announce_due_on,
drop column published_on,
drop column publish_due_on,
drop column content_full;
alter table stg.dossier
drop column apology_at,
drop column components_digitised,
drop column data_reused,
drop column personal_store,
drop column citizen_data,
drop column dissatisfied;
alter table stg.document
drop column done_on;
alter table stg.procedure
drop column cutoff,
drop column needs_result,
drop column has_fee,
drop column for_citizens,
drop column announced_on,
drop column announce_due_on,
drop column published_on,
drop column publish_due_on,
drop column content_full;
