-- Nobody can correct a row that its source has no more: what was removed, and what was bad on a day of which this delivery
-- shows everything.
update quarantine.item as q
set state = 'corrected', closed_at = clock_timestamp()
from landing.delivery as shown
where
    q.state <> 'corrected' and q.unit_code = :unit_code and q.source_code = :source_code
    and q.dataset = '{dataset}' and q.record_key not like '{keyless}' || '%'
    and shown.delivery_id = q.delivery_id and shown.pulled_at < cast(:pulled_at as timestamptz)
    and q.record_key in (
        select g.record_key
        from load_gone as g
        union all
        (
            select q.record_key
            from quarantine.item as q
            where
                q.state <> 'corrected' and q.unit_code = :unit_code and q.source_code = :source_code
                and q.dataset = '{dataset}'
                and {happened_q} between cast(:proves_from as date) and cast(:proves_to as date)
            except
            select {record_key_s}
            from stg.{dataset} as s
            where s.run_id = :run_id and s.delivery_id = :delivery_id
        )
    )
