-- Beside each reported row: all that the same delivery states of the same unit and period (measure → value), and what was
-- stated as in process at the end of the day before the period, in this delivery or else in the warehouse.
select
    r.delivery_id,
    r.row_no,
    jsonb_object_agg(r.measure_code, r.value) filter (where r.measure_code is not null) over (
        partition by r.delivery_id, r.period_from, r.period_to
    ) as stated,
    coalesce(
        stated_tonight.value,
        (
            select c.value from core.reported_measure as c
            where
                c.unit_code = r.unit_code and c.source_code = r.source_code and c.measure_code = 'in_process'
                and c.period_to = r.period_from - 1
            order by c.pulled_at desc, c.period_from desc
            limit 1
        )
    ) as closing
from stg.reported_measure as r
left join (
    select
        o.delivery_id,
        o.period_to,
        max(o.value) as value
    from stg.reported_measure as o
    where o.run_id = '{run_id}' and o.measure_code = 'in_process'
    group by o.delivery_id, o.period_to
) as stated_tonight on r.delivery_id = stated_tonight.delivery_id and r.period_from - 1 = stated_tonight.period_to
where r.run_id = '{run_id}'
