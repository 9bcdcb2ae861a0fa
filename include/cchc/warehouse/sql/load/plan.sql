-- What each good record of the delivery will do to core. A record that stands in the batch several times with the same
-- content is taken once; copies with different content break a rule and are not here.
-- An older extract that comes late brings nothing back: not a record that was removed after it was seen later than here,
-- and none of a day of which a later delivery, that showed everything, did not show it.
create temporary table load_plan on commit drop as
with later as materialized (
    select
        l.pulled_at,
        l.proves_from,
        l.proves_to
    from landing.delivery as d
    inner join ops.load_ledger as l on d.delivery_id = l.delivery_id
    where
        d.unit_code = :unit_code and d.source_code = :source_code and d.dataset = '{dataset}'
        and d.pulled_at > cast(:pulled_at as timestamptz) and l.pulled_at > cast(:pulled_at as timestamptz)
        and l.proves_from is not null
)

select
    good.*,
    c.row_hash as old_hash,
    case
        when c.unit_code is null and (
                exists (
                    select 1
                    from core.tombstone as t
                    where
                        t.unit_code = good.unit_code and t.source_code = good.source_code and t.dataset = '{dataset}'
                        and t.record_key = {record_key_good}
                        and t.seen_at > cast(:pulled_at as timestamptz)
                )
                or exists (
                    select 1
                    from later
                    where
                        {happened_good} between later.proves_from and later.proves_to
                        and not exists ( -- it was shown since, though it could not be taken
                            select 1
                            from quarantine.item as q
                            inner join landing.delivery as shown on q.delivery_id = shown.delivery_id
                            where
                                q.unit_code = good.unit_code and q.source_code = good.source_code
                                and q.dataset = '{dataset}' and q.record_key = {record_key_good}
                                and shown.pulled_at >= later.pulled_at
                        )
                )
            ) then 'older'
        when c.unit_code is null then 'insert'
        when c.row_hash = good.row_hash then 'same'
        when c.pulled_at > cast(:pulled_at as timestamptz) then 'older'
        else 'update'
    end as effect
from (
    select distinct on ({key_s}) s.*
    from stg.{dataset} as s
    where
        s.run_id = cast(:run_id as uuid) and s.delivery_id = cast(:delivery_id as uuid)
        and s.row_no not in (
            select v.row_no
            from stg.violation as v
            where
                v.run_id = cast(:run_id as uuid) and v.delivery_id = cast(:delivery_id as uuid)
                and v.severity in ('critical', 'warning')
        )
    order by {key_s}, s.row_no
) as good
left join core.{dataset} as c
    on good.unit_code = c.unit_code and good.source_code = c.source_code and {key_join}
