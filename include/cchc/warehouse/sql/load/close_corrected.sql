-- A record of this delivery no longer breaks the rule: nothing is left to correct, unless a later pull says otherwise.
update quarantine.item as q
set state = 'corrected', closed_at = clock_timestamp()
from (
    select {record_key_s} as record_key, array_remove(array_agg(v.rule_code), null) as broken
    from stg.{dataset} as s
    left join stg.violation as v
        on
            s.run_id = v.run_id and s.delivery_id = v.delivery_id and s.row_no = v.row_no
            and v.severity in ('critical', 'warning')
    where s.run_id = :run_id and s.delivery_id = :delivery_id
    group by {record_key_s}
) as seen
where
    q.state <> 'corrected' and q.unit_code = :unit_code and q.source_code = :source_code
    and q.dataset = '{dataset}' and q.record_key = seen.record_key and not (q.rule_code = any(seen.broken))
    and (
        q.last_seen < cast(:since as timestamptz)
        or not exists (
            select 1
            from landing.delivery as later
            where later.delivery_id = q.delivery_id and later.pulled_at > cast(:pulled_at as timestamptz)
        )
    )
