drop index core.document_due;
drop index core.document_done;

drop index core.dossier_received;
drop index core.dossier_finished;
drop index core.dossier_returned;
drop index core.dossier_due;
drop index core.dossier_own_due;
drop index core.dossier_apology;
drop index core.dossier_supplement;
drop index core.dossier_supplement_completed;
drop index core.dossier_paused_due;
create index dossier_received on core.dossier (unit_code, received_at);
create index dossier_finished on core.dossier (unit_code, finished_at);
create index dossier_returned on core.dossier (unit_code, returned_at);
create index dossier_due on core.dossier (unit_code, due_at);
create index dossier_own_due on core.dossier (unit_code, own_due_at) where due_at is null;
create index dossier_apology on core.dossier (unit_code, apology_at) where apology_at is not null;
create index dossier_supplement on core.dossier (unit_code, supplement_at) where supplement_at is not null;
create index dossier_supplement_completed on core.dossier (unit_code, supplement_completed_at)
where supplement_completed_at is not null;
create index dossier_paused_due on core.dossier (
    unit_code, core.paused_due_at(coalesce(due_at, own_due_at), supplement_at, supplement_completed_at)
) where supplement_completed_at is not null;

drop index mart.measure_day_by_day;
create index measure_day_by_day on mart.measure_day (unit_code, day);

-- what is to be counted again is so for whole datasets: they are asked for as after a changed definition
delete from mart.definition as d
where
    exists (select 1 from ops.stale_mart as s where s.dataset = d.dataset)
    or exists (select 1 from ops.touched_day as t where t.dataset = d.dataset);
drop table ops.stale_mart;
drop table ops.touched_day;
create table ops.touched_day (
    unit_code text not null,
    day date not null,
    dataset text not null,
    primary key (unit_code, day, dataset)
);
