-- completeness_rows, validity: the records of the deliveries of the span's nights, each delivery once a night. What a load
-- kept out stands in the ledger; of a delivery that is held, at least the rows that broke its most broken rule are bad.
with brought as (
    select distinct
        r.reporting_day,
        d.delivery_id
    from ops.run as r
    inner join landing.run_delivery as rd on r.run_id = rd.run_id
    inner join landing.delivery as d on rd.delivery_id = d.delivery_id
    where r.kind = 'sync' and r.reporting_day between :first_day and :last_day
),

judged as (
    select
        d.unit_code,
        d.source_total,
        d.received,
        d.received - d.refused as read,
        -- without a load, or a rule that holds it, nobody could judge it
        case when d.state = 'held' and cardinality(d.held_by) > 0 then held.bad else loaded.bad end as bad
    from brought as b
    inner join landing.delivery as d on b.delivery_id = d.delivery_id
    left join
        lateral (
            select l.quarantined as bad
            from ops.load_ledger as l
            where l.delivery_id = d.delivery_id
            order by l.loaded_at desc, l.pulled_at desc
            limit 1
        ) as loaded
        on true
    left join
        lateral (
            select least(d.landed, coalesce(max(c.broken), 0)) as bad
            from landing.run_delivery as rd
            inner join ops.rule_count as c on rd.run_id = c.run_id
            where
                rd.delivery_id = d.delivery_id and c.source_code = d.source_code and c.dataset = d.dataset
                and c.rule_code = any(:keeping_out)
        ) as held
        on true
)

select
    n.unit_code,
    m.dimension,
    coalesce(m.numerator, 0)::bigint as numerator,
    coalesce(m.denominator, 0)::bigint as denominator,
    cast(null as integer) as oldest_nights
from (
    select
        j.unit_code,
        sum(least(j.received, j.source_total)) filter (where j.source_total is not null) as received,
        sum(j.source_total) as stated,
        sum(j.read - j.bad) as good,
        sum(j.read) filter (where j.bad is not null) as judged
    from judged as j
    group by j.unit_code
) as n
cross join
    lateral (
        values ('completeness_rows', n.received, n.stated), ('validity', n.good, n.judged)
    ) as m (dimension, numerator, denominator)
