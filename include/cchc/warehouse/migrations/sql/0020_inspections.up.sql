-- Findings of inspections, from the register of the office that follows them up; unit_code is whose register it is,
-- inspected_unit whom the finding is about.
create table core.inspection (
    unit_code text not null,
    source_code text not null,
    inspection_code text not null,
    finding_code text not null,
    inspected_unit text not null,
    inspected_on date not null,
    inspector text not null, -- a body, never a person
    topic text not null check (
        topic in ('planning', 'procedures', 'one_stop', 'documents', 'archive', 'discipline', 'finance', 'it', 'other')
    ),
    finding_kind text not null check (finding_kind in ('finding', 'recommendation', 'commendation')),
    summary text not null,
    due_on date,
    done_on date,
    evidence text,
    row_hash bytea not null,
    delivery_id uuid not null,
    row_no bigint not null,
    pulled_at timestamptz not null,
    known_since timestamptz not null default now(),
    primary key (unit_code, source_code, inspection_code, finding_code)
);
create index inspection_of_unit on core.inspection (inspected_unit, inspected_on);
create index inspection_happened on core.inspection (unit_code, inspected_on);

create table stg.inspection (
    run_id uuid not null,
    delivery_id uuid not null,
    row_no bigint not null,
    page text not null,
    unit_code text not null,
    source_code text not null,
    cast_errors text[],
    row_hash bytea not null,
    inspection_code text,
    finding_code text,
    inspected_unit text,
    inspected_on date,
    inspector text,
    topic text,
    finding_kind text,
    summary text,
    due_on date,
    done_on date,
    evidence text,
    primary key (run_id, delivery_id, row_no)
);

-- What people call a procedure and its field of work.
alter table core.procedure
add column title text,
add column field_title text;
alter table stg.procedure
add column title text,
add column field_title text;
