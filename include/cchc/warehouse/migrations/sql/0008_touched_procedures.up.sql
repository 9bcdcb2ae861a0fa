-- Datasets of a unit whose marts are to be made anew as a whole.
create table ops.stale_mart (
    unit_code text not null,
    dataset text not null,
    primary key (unit_code, dataset)
);

-- A changed dossier touches its procedure only: of a unit's day a hundred other dossiers need not be counted again.
insert into ops.stale_mart (unit_code, dataset)
select distinct
    t.unit_code,
    t.dataset
from ops.touched_day as t;
drop table ops.touched_day;
create table ops.touched_day (
    unit_code text not null,
    dataset text not null,
    day date not null,
    procedure_code text not null, -- empty for datasets that know no procedure
    primary key (unit_code, dataset, day, procedure_code)
);
comment on table ops.touched_day
is 'What the marts'' refresh counts again; filled by loads, emptied by the refresh, each in its own transaction.';

drop index mart.measure_day_by_day;
create index measure_day_by_day on mart.measure_day (unit_code, day, procedure_code);

-- The dossiers of a touched day and procedure, whichever of their dates falls on it.
drop index core.dossier_received;
drop index core.dossier_finished;
drop index core.dossier_returned;
drop index core.dossier_due;
drop index core.dossier_own_due;
drop index core.dossier_apology;
drop index core.dossier_supplement;
drop index core.dossier_supplement_completed;
drop index core.dossier_paused_due;
create index dossier_received on core.dossier (unit_code, procedure_code, received_at);
create index dossier_finished on core.dossier (unit_code, procedure_code, finished_at) where finished_at is not null;
create index dossier_returned on core.dossier (unit_code, procedure_code, returned_at) where returned_at is not null;
create index dossier_due on core.dossier (unit_code, procedure_code, due_at) where due_at is not null;
create index dossier_own_due on core.dossier (unit_code, procedure_code, own_due_at) where due_at is null;
create index dossier_apology on core.dossier (unit_code, procedure_code, apology_at) where apology_at is not null;
create index dossier_supplement on core.dossier (unit_code, procedure_code, supplement_at)
where supplement_at is not null;
create index dossier_supplement_completed on core.dossier (unit_code, procedure_code, supplement_completed_at)
where supplement_completed_at is not null;
create index dossier_paused_due on core.dossier (
    unit_code, procedure_code, core.paused_due_at(coalesce(due_at, own_due_at), supplement_at, supplement_completed_at)
) where supplement_completed_at is not null;

create index document_due on core.document (unit_code, due_on) where due_on is not null;
create index document_done on core.document (unit_code, done_on) where done_on is not null;
