-- Columns that more measures need. A source that does not have them leaves them empty: not known, never no.
alter table core.dossier
add column apology_at timestamptz,
add column components_digitised boolean,
add column data_reused boolean,
add column personal_store boolean,
add column citizen_data boolean,
add column dissatisfied boolean;

alter table core.document
add column done_on date;

alter table core.procedure
add column cutoff time,
add column needs_result boolean,
add column has_fee boolean,
add column for_citizens boolean,
add column announced_on date,
add column announce_due_on date,
add column published_on date,
add column publish_due_on date,
add column content_full boolean;

alter table stg.dossier
add column apology_at timestamptz,
add column components_digitised boolean,
add column data_reused boolean,
add column personal_store boolean,
add column citizen_data boolean,
add column dissatisfied boolean;

alter table stg.document
add column done_on date;

alter table stg.procedure
add column cutoff time,
add column needs_result boolean,
add column has_fee boolean,
add column for_citizens boolean,
add column announced_on date,
add column announce_due_on date,
add column published_on date,
add column publish_due_on date,
add column content_full boolean;

comment on column core.dossier.apology_at is 'When the letter of apology went out (form 04 of TT 03/2025/TT-VPCP).';
comment on column core.dossier.components_digitised is 'Papers of the dossier are attached as data (index 766, 4.2).';
comment on column core.dossier.data_reused is 'A digitised paper was used again (index 766, 4.3).';
comment on column core.dossier.personal_store
is 'A paper came from, or the result went to, the citizen''s store on the national portal (index 766, 4.4).';
comment on column core.dossier.citizen_data is 'Population data were used (index 766, 4.5).';
comment on column core.dossier.dissatisfied is 'A petition or a dislike was given about the dossier (index 766, 5.4).';
comment on column core.procedure.cutoff is 'Received after this hour counts on the next working day.';
comment on column core.procedure.needs_result is 'The procedure ends with a written result; empty: not known.';
comment on column core.procedure.announce_due_on is 'Last day on which announcing it is on time (index 766, 1.1).';
comment on column core.procedure.publish_due_on is 'Last day on which putting it on the portal is on time (1.2).';
comment on column core.procedure.content_full is 'All seven published parts are there (NĐ 63/2010, Điều 8 khoản 2).';

-- Petitions and complaints about procedures and staff (phản ánh, kiến nghị).
create table core.petition (
    unit_code text not null,
    source_code text not null,
    petition_code text not null,
    kind text not null check (kind in ('procedure', 'staff', 'other')),
    received_at timestamptz not null,
    due_at timestamptz,
    answered_at timestamptz,
    disliked boolean,
    complained_again boolean,
    row_hash bytea not null,
    delivery_id uuid not null,
    row_no bigint not null,
    pulled_at timestamptz not null,
    primary key (unit_code, source_code, petition_code)
);
create index petition_received on core.petition (unit_code, received_at);

create table stg.petition (
    run_id uuid not null,
    delivery_id uuid not null,
    row_no bigint not null,
    page text not null,
    unit_code text not null,
    source_code text not null,
    cast_errors text[],
    row_hash bytea not null,
    petition_code text,
    kind text,
    received_at timestamptz,
    due_at timestamptz,
    answered_at timestamptz,
    disliked boolean,
    complained_again boolean,
    primary key (run_id, delivery_id, row_no)
);

-- What the national portal publishes about units; unit_code is the unit whose source reads it, department_code whom it
-- is about. numerator and denominator are the published counts, empty where none is published.
create table core.official_score (
    unit_code text not null,
    source_code text not null,
    department_code text not null,
    group_code text not null, -- as in scores/qd766.yaml
    component_code text not null, -- '' for the whole group
    period_from date not null,
    period_to date not null,
    numerator numeric,
    denominator numeric,
    ratio numeric,
    score numeric,
    max_score numeric,
    quality text, -- the portal's own note on its data
    row_hash bytea not null,
    delivery_id uuid not null,
    row_no bigint not null,
    pulled_at timestamptz not null,
    primary key (unit_code, source_code, department_code, group_code, component_code, period_from, period_to),
    check (period_to >= period_from)
);

create table stg.official_score (
    run_id uuid not null,
    delivery_id uuid not null,
    row_no bigint not null,
    page text not null,
    unit_code text not null,
    source_code text not null,
    cast_errors text[],
    row_hash bytea not null,
    department_code text,
    group_code text,
    component_code text,
    period_from date,
    period_to date,
    numerator numeric,
    denominator numeric,
    ratio numeric,
    score numeric,
    max_score numeric,
    quality text,
    primary key (run_id, delivery_id, row_no)
);

-- When the term of the procedure ends by our own calendar; worked out by the marts' refresh for rows that ask for it.
alter table core.dossier
add column own_due_at timestamptz,
add column own_due_stale boolean not null default true;
create index dossier_own_due_stale on core.dossier (unit_code) where own_due_stale;
create index dossier_own_due on core.dossier (unit_code, own_due_at) where due_at is null;
create index dossier_apology on core.dossier (unit_code, apology_at) where apology_at is not null;
create index procedure_by_code on core.procedure (unit_code, procedure_code);
drop index core.dossier_paused_due;
create index dossier_paused_due on core.dossier (
    unit_code, core.paused_due_at(coalesce(due_at, own_due_at), supplement_at, supplement_completed_at)
) where supplement_completed_at is not null;

-- The due time a rule starts from: index 766 takes the procedure's own term where the office promised nothing.
create function core.promised_at(rule text, due_at timestamptz, own_due_at timestamptz)
returns timestamptz
language sql immutable
return case when rule = 'portal-766' then coalesce(due_at, own_due_at) else due_at end;

-- The newest version of a procedure in force on a day; where several registers have one, the first by name.
create function core.procedure_on(unit text, procedure text, on_day date) returns setof core.procedure
language sql stable rows 1
begin atomic
    select v.*
    from core.procedure as v
    where
        v.unit_code = unit
        and v.procedure_code = procedure
        and v.valid_from <= on_day
        and coalesce(v.valid_to, 'infinity') >= on_day
    order by v.valid_from desc, v.source_code asc
    limit 1;
end;

-- Whether a procedure ends with a written result; one that no register describes is taken to.
create function core.needs_result(unit text, procedure text, on_day date) returns boolean
language sql stable
begin atomic
    select coalesce((select p.needs_result from core.procedure_on(unit, procedure, on_day) as p), true);
end;

-- On-time rules that indicators ask for, beside the one of each source.
create table core.asked_rule (on_time_rule text primary key);

-- Under which definition the marts of a dataset were made: where it changes, they are made anew.
create table mart.definition (dataset text primary key, sha256 text not null);

-- A number reads one measure over a span of days, a refresh one day over all measures.
alter table mart.measure_day drop constraint measure_day_pkey;
alter table mart.measure_day add primary key (
    unit_code, measure_code, day, procedure_code, intake, channel, online_level
) include (value);
create index measure_day_by_day on mart.measure_day (unit_code, day);
