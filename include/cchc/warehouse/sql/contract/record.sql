-- Note what a delivery showed. What was not there before is accepted by itself with a source's first delivery, and under
-- `evolve` (:accepts). A field that shows only null is the field it was.
with seen as (
    select
        s.path,
        s.kind
    from unnest(cast(:paths as text[]), cast(:kinds as text[])) as s (path, kind)
),

known as (
    select
        f.path,
        f.kind
    from ops.source_field as f
    where f.unit_code = :unit_code and f.source_code = :source_code and f.dataset = :dataset
),

shown_again as (
    update ops.source_field as f
    set last_seen = greatest(f.last_seen, :seen_at), last_delivery = :delivery_id
    from seen as s
    where
        f.unit_code = :unit_code and f.source_code = :source_code and f.dataset = :dataset
        and f.path = s.path and s.kind in (f.kind, 'null')
)

insert into ops.source_field (
    unit_code, source_code, dataset, path, kind, first_seen, last_seen, first_delivery, last_delivery, accepted_at
)
select
    :unit_code,
    :source_code,
    :dataset,
    s.path,
    s.kind,
    :seen_at,
    :seen_at,
    :delivery_id,
    :delivery_id,
    case when :accepts or not exists (select 1 from known) then cast(:seen_at as timestamptz) end
from seen as s
where not exists (select 1 from known as k where k.path = s.path and s.kind in (k.kind, 'null'))
on conflict do nothing
