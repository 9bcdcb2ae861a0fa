-- completeness_rows, validity: the records of the deliveries of the span's nights. What a load kept out stands in the ledger;
-- of a delivery that is held, at least the rows that broke its most broken rule are bad. A night that was begun again has read
-- the same days twice, the second time from the watermark that the first one moved: of each dataset of a source it counts one
-- delivery, that of the most days among those that were judged, of the same days the last.
with brought as (
    select distinct on (r.reporting_day, d.source_code, d.dataset)
        d.delivery_id,
        d.unit_code,
        d.source_total,
        d.received,
        d.received - d.refused as read,
        found.bad
    from ops.run as r
    inner join landing.run_delivery as rd on r.run_id = rd.run_id
    inner join landing.delivery as d on rd.delivery_id = d.delivery_id
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
            from landing.run_delivery as same
            inner join ops.rule_count as c on same.run_id = c.run_id
            where
                same.delivery_id = d.delivery_id and c.source_code = d.source_code and c.dataset = d.dataset
                and c.rule_code = any(:keeping_out)
        ) as held
        on true
    cross join
        lateral (
            -- without a load, or a rule that holds it, nobody could judge it
            select case when d.state = 'held' and cardinality(d.held_by) > 0 then held.bad else loaded.bad end as bad
        ) as found
    where r.kind = 'sync' and r.reporting_day between :first_day and :last_day
    order by
        r.reporting_day asc, d.source_code asc, d.dataset asc,
        found.bad is null asc, d.window_from asc, d.pulled_at desc, d.delivery_id asc
)

select
    n.unit_code,
    m.dimension,
    coalesce(m.numerator, 0)::bigint as numerator,
    coalesce(m.denominator, 0)::bigint as denominator,
    cast(null as integer) as oldest_nights
from (
    select
        b.unit_code,
        sum(least(b.received, b.source_total)) filter (where b.source_total is not null) as received,
        sum(b.source_total) as stated,
        sum(b.read - b.bad) as good,
        sum(b.read) filter (where b.bad is not null) as judged
    from brought as b
    group by b.unit_code
) as n
cross join
    lateral (
        values ('completeness_rows', n.received, n.stated), ('validity', n.good, n.judged)
    ) as m (dimension, numerator, denominator)
