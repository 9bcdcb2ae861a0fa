-- A delivery that a person decided about: approved is loaded, rejected is never asked about again. The newest decision
-- counts; none is ever changed or removed.
create table ops.delivery_decision (
    decision_id bigint generated always as identity primary key,
    delivery_id uuid not null references landing.delivery,
    unit_code text not null,
    source_code text not null,
    decision text not null check (decision in ('approved', 'rejected')),
    decided_by text not null check (btrim(decided_by) <> ''),
    reason text not null check (btrim(reason) <> ''),
    held_because text not null, -- what the person was shown
    decided_at timestamptz not null default clock_timestamp()
);
create index delivery_decision_by_delivery on ops.delivery_decision (delivery_id, decision_id);

create function ops.decision_stands() returns trigger language plpgsql as $$
begin
    raise exception 'a decision about a delivery is never changed or removed: write a new one';
end
$$;
create trigger decision_stands before update or delete on ops.delivery_decision
for each row execute function ops.decision_stands();

alter table ops.run drop constraint run_kind_check;
alter table ops.run add constraint run_kind_check check (kind in ('sync', 'replay', 'approval'));

-- An item a person let be (waived) is not asked about while the row stays as it is; one that no delivery has shown for
-- long has expired. Neither lets the row into the numbers.
alter table quarantine.item drop constraint item_state_check;
alter table quarantine.item add constraint item_state_check check (state in ('open', 'corrected', 'waived', 'expired'));
alter table quarantine.item add column closed_by text;
alter table quarantine.item add column closed_reason text;
-- rows without a key were known by their place, which moves with every row before them: now by their content
update quarantine.item set state = 'expired', closed_at = clock_timestamp()
where state = 'open' and record_key ~ '^page .* row [0-9]+$';
alter table quarantine.item add constraint item_waived_by_somebody
check (state <> 'waived' or (btrim(closed_by) <> '' and btrim(closed_reason) <> ''));

-- Why a delivery is held: the rules over whole deliveries that it breaks, or none where its dataset could not be judged.
alter table landing.delivery add column held_by text[] not null default array[]::text[];

-- One row a delivery of a run: what the rules over whole deliveries look at.
create table stg.delivery (
    run_id uuid not null,
    delivery_id uuid not null,
    row_no bigint not null default 0 check (row_no = 0), -- it stands for no row of its own
    unit_code text not null,
    source_code text not null,
    dataset text not null,
    reporting_day date not null,
    window_from date not null,
    window_to date not null,
    received bigint not null,
    refused bigint not null,
    landed bigint not null,
    source_total bigint,
    unknown_fields text[] not null,
    is_register boolean not null, -- read whole every night, whatever the window
    may_be_empty boolean not null,
    is_believed boolean not null, -- loaded before, or approved by a person
    is_approved boolean not null, -- by the newest decision about this content
    rejected_by text,
    broken bigint not null, -- rows that a rule keeps out of the numbers
    worst text, -- what most of them break, and how many
    bad_limit numeric not null,
    drop_limit numeric not null,
    jump_limit numeric not null,
    previous_received bigint, -- of the last delivery that was believed
    previous_from date,
    previous_to date,
    previous_pulled_at timestamptz,
    history integer not null, -- believed deliveries that `expected` rests on
    expected numeric, -- records that the source's own history lets expect of this window
    records bigint, -- with a key; a record that comes twice is one
    newest_event date,
    known bigint, -- records of the source in the warehouse
    newest_known date,
    silent_since date, -- the last day with records, as far as this source has said
    recent bigint, -- records of the 60 days before that
    gone bigint, -- of the known ones, those that are not in this delivery any more
    foreign_records bigint, -- that stand in the warehouse as another unit's
    foreign_source text,
    repeated_rows bigint, -- rows of one file that all stand in another file of the same delivery
    repeated_file text,
    primary key (run_id, delivery_id)
);

-- How many rows of each source broke each rule in each run, those that are only told of (info) too.
create table ops.rule_count (
    run_id uuid not null references ops.run,
    unit_code text not null,
    source_code text not null,
    dataset text not null,
    rule_code text not null,
    severity text not null check (severity in ('critical', 'warning', 'info')),
    broken bigint not null check (broken > 0),
    primary key (run_id, source_code, dataset, rule_code)
);
