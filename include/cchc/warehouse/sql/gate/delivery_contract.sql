-- What each delivery of the run brought that its source did not have: fields that nobody has accepted (of a frozen source
-- only), and other kinds of a field that was there.
update stg.delivery as s
set
    new_fields = array(
        select distinct f.path
        from ops.source_field as f
        where
            f.last_delivery = s.delivery_id and f.unit_code = s.unit_code and f.source_code = s.source_code
            and f.dataset = s.dataset
            and not exists (
                select 1 from ops.source_field as a
                where
                    a.unit_code = f.unit_code and a.source_code = f.source_code and a.dataset = f.dataset
                    and a.path = f.path and a.accepted_at is not null
            )
        order by f.path
    ),
    changed_kinds = array(
        select f.path || ' (' || string_agg(b.kind, ', ' order by b.kind) || ' → ' || f.kind || ')'
        from ops.source_field as f
        inner join ops.source_field as b
            on
                f.unit_code = b.unit_code and f.source_code = b.source_code and f.dataset = b.dataset
                and f.path = b.path and f.first_delivery <> b.first_delivery
                and b.kind <> 'null' and b.first_seen < f.first_seen
        where
            f.first_delivery = s.delivery_id and f.unit_code = s.unit_code and f.source_code = s.source_code
            and f.dataset = s.dataset and f.kind <> 'null'
        group by f.path, f.kind
        order by f.path, f.kind
    )
where s.run_id = :run_id
