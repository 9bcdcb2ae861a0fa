-- Mended: the source delivered; no row breaks the rule any more; or, of the province's own, it did not happen again. A source
-- that failed mends nothing: its rows were not looked at. Marked records are harder to prove gone: close_secrecy.
update ops.alert as a
set closed_day = :day, closed_at = clock_timestamp()
where
    a.closed_day is null
    and a.last_day <= :day
    and (
        (a.unit_code = '' and a.last_day < :day)
        -- no source of the catalogue any more
        or (a.kind in ('source', 'rows') and not (a.source_code = any(cast(:sources as text[]))))
        or (
            a.kind = 'source'
            and a.source_code in (
                select o.source_code from ops.newest_outcome as o
                where o.reporting_day = :day and o.state in ('loaded', 'unchanged')
            )
        )
        or (
            a.kind = 'rows'
            and not exists (
                select 1
                from quarantine.item as i
                where
                    i.state = 'open'
                    and i.unit_code = a.unit_code
                    and i.source_code = a.source_code
                    and i.dataset = a.dataset
                    and i.rule_code = a.rule_code
            )
        )
    )
