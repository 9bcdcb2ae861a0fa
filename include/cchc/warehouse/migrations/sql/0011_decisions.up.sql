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
alter table quarantine.item add constraint item_waived_by_somebody
check (state <> 'waived' or (btrim(closed_by) <> '' and btrim(closed_reason) <> ''));
