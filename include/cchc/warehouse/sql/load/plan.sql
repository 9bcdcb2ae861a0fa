-- What each good record of the delivery will do to core. A record that stands in the batch several times with the same
-- content is taken once; copies with different content break a rule and are not here.
create temporary table load_plan on commit drop as
select
    good.*,
    c.row_hash as old_hash,
    case
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
