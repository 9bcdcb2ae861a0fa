-- A closed period is what a person has taken responsibility for. Its revisions are only ever added to.
create table publish.closed_period (
    calendar text not null check (calendar in ('report', 'calendar')),
    period text not null, -- as people name it: 2026-11, 2026-Q3, 2022-01-01..2022-10-13
    revision integer not null check (revision >= 0),
    period_from date not null,
    period_to date not null check (period_to >= period_from),
    reporting_day date not null, -- the newest night whose data is in it
    closed_at timestamptz not null default clock_timestamp(),
    closed_by text not null check (closed_by <> ''),
    note text,
    catalogue_sha256 text not null,
    on_time_rules jsonb not null, -- source code → named rule
    sources_expected integer not null,
    sources_complete integer not null,
    primary key (calendar, period, revision)
);

create table publish.closed_value (
    calendar text not null,
    period text not null,
    revision integer not null,
    unit_code text not null,
    set_code text not null,
    indicator_code text not null,
    value numeric,
    numerator numeric,
    denominator numeric,
    printed text,
    reason text,
    coverage numeric,
    fresh_to date,
    primary key (calendar, period, revision, unit_code, set_code, indicator_code),
    foreign key (calendar, period, revision) references publish.closed_period,
    check (value is not null or reason is not null)
);

-- the dossiers that the numbers were made of, as they were then
create table publish.closed_record (
    calendar text not null,
    period text not null,
    revision integer not null,
    unit_code text not null,
    source_code text not null,
    dossier_code text not null,
    row_hash bytea not null,
    primary key (calendar, period, revision, unit_code, source_code, dossier_code),
    foreign key (calendar, period, revision) references publish.closed_period
);

-- who reopened what, and why; a reopening is used up by the revision that follows it
create table publish.reopening (
    calendar text not null,
    period text not null,
    revision integer not null, -- the one that is not the last word any more
    reopened_at timestamptz not null default clock_timestamp(),
    reopened_by text not null check (reopened_by <> ''),
    reason text not null check (reason <> ''),
    primary key (calendar, period, revision),
    foreign key (calendar, period, revision) references publish.closed_period
);

-- The dossiers that the numbers of a period can count: taken in by its end, and not over before it began.
create function core.dossiers_of(period_from date, period_to date) returns setof core.dossier
language sql stable
begin atomic
    select d.*
    from core.dossier as d
    where
        coalesce(d.received_at, d.supplement_at) < (period_to + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh'
        and coalesce(d.finished_at, d.returned_at, 'infinity')
        >= period_from::timestamp at time zone 'Asia/Ho_Chi_Minh';
end;

create function publish.refuse_change() returns trigger
language plpgsql as $$
begin
    raise exception using message = 'a closed period is never changed: reopen it and close a new revision (table '
        || tg_table_schema || '.' || tg_table_name || ')';
end
$$;

create trigger closed_period_stands before update or delete or truncate on publish.closed_period
for each statement execute function publish.refuse_change();
create trigger closed_value_stands before update or delete or truncate on publish.closed_value
for each statement execute function publish.refuse_change();
create trigger closed_record_stands before update or delete or truncate on publish.closed_record
for each statement execute function publish.refuse_change();
create trigger reopening_stands before update or delete or truncate on publish.reopening
for each statement execute function publish.refuse_change();
