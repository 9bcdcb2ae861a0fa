-- Mended: the source delivered; no row breaks the rule any more; no record is refused for its mark; or, of the province's own,
-- it did not happen again. A source that failed mends nothing: its rows and records were not looked at.
with delivered as (
    select
        source_code,
        refused
    from ops.newest_outcome
    where reporting_day = :day and state in ('loaded', 'unchanged')
)

update ops.alert as a
set closed_day = :day, closed_at = clock_timestamp()
where
    a.closed_day is null
    and a.last_day <= :day
    and (
        (a.unit_code = '' and a.last_day < :day)
        or (a.unit_code <> '' and not (a.source_code = any(cast(:sources as text[])))) -- no source of the catalogue any more
        or (a.kind = 'source' and a.source_code in (select d.source_code from delivered as d))
        or (a.kind = 'secrecy' and a.source_code in (select d.source_code from delivered as d where d.refused = 0))
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
