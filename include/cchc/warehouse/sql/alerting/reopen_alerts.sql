-- The night is judged anew: what an earlier run of it closed is open until this one has looked.
update ops.alert as a
set closed_day = null, closed_at = null
where
    a.closed_day = :day
    and not exists (
        select 1
        from ops.alert as o
        where
            o.closed_day is null
            and (o.kind, o.unit_code, o.source_code, o.dataset, o.rule_code)
            = (a.kind, a.unit_code, a.source_code, a.dataset, a.rule_code)
    )
