-- Records that their source no longer has: when a delivery proved it, and until when.
create table core.tombstone (
    unit_code text not null,
    source_code text not null,
    dataset text not null,
    record_key text not null,
    delivery_id uuid not null, -- the delivery that shows the record no more
    seen_at timestamptz not null, -- when the removed version was last pulled
    gone_at timestamptz not null, -- when that delivery was pulled
    came_back_at timestamptz,
    primary key (unit_code, source_code, dataset, record_key)
);
comment on table core.tombstone
is 'The removed version itself is in core.change_history; a record that comes back is an ordinary row again.';

-- What a delivery had to contain: of these days, all that happened. Nothing where it proves nothing.
alter table ops.load_ledger add column removed bigint not null default 0;
alter table ops.load_ledger add column proves_from date;
alter table ops.load_ledger add column proves_to date;
alter table stg.delivery add column is_complete boolean not null default false;
alter table stg.delivery add column proves_from date;
alter table stg.delivery add column proves_to date;
alter table stg.delivery add column vanished bigint;

-- What a source has of some days.
create index dossier_by_source on core.dossier (unit_code, source_code, received_at);

-- A recall, an update and a replacement are about other documents: their codes, joined by ; (there are few such messages).
alter table core.document add column concerns text;
alter table stg.document add column concerns text;
create index document_about on core.document (unit_code, source_code) where concerns is not null;
create index document_concerned on core.document using gin (string_to_array(concerns, ';')) with (fastupdate = off)
where concerns is not null;
