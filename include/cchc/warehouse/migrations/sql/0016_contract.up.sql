-- What the records of a source look like: names and kinds of fields, never a value. A field of a frozen source that nobody
-- has accepted holds what brings it.
create table ops.source_field (
    unit_code text not null,
    source_code text not null,
    dataset text not null,
    path text not null, -- the elements of a list share the list's path
    kind text not null check (kind in ('text', 'number', 'flag', 'object', 'list', 'null', 'date', 'other')),
    first_seen timestamptz not null,
    last_seen timestamptz not null,
    first_delivery uuid not null,
    last_delivery uuid not null,
    accepted_at timestamptz,
    accepted_by text, -- null: by itself, with the first delivery or under `evolve`
    primary key (unit_code, source_code, dataset, path, kind),
    check (last_seen >= first_seen),
    check (accepted_by is null or (btrim(accepted_by) <> '' and accepted_at is not null))
);
create index source_field_by_delivery on ops.source_field (last_delivery);

-- The schema of a source and dataset over time: one row for each delivery that showed something new.
create view ops.source_schema as
select
    step.unit_code,
    step.source_code,
    step.dataset,
    step.first_seen,
    step.first_delivery,
    known.fingerprint,
    known.fields,
    step.added
from (
    select
        unit_code,
        source_code,
        dataset,
        first_seen,
        first_delivery,
        array_agg(path || ': ' || kind order by path, kind) as added
    from ops.source_field
    group by unit_code, source_code, dataset, first_seen, first_delivery
) as step
cross join lateral (
    select
        encode(sha256(convert_to(string_agg(f.path || ':' || f.kind, ',' order by f.path, f.kind), 'UTF8')), 'hex')
            as fingerprint,
        count(distinct f.path) as fields
    from ops.source_field as f
    where
        f.unit_code = step.unit_code and f.source_code = step.source_code and f.dataset = step.dataset
        and f.first_seen <= step.first_seen
) as known;

alter table stg.delivery
add column new_fields text[] not null default array[]::text[],
add column changed_kinds text[] not null default array[]::text[];
