-- Deliveries that are held and wait for a decision, the newest of each source and dataset: a later pull covers the days of
-- an earlier one that was not believed. One that was rejected waits for nothing.
select
    d.delivery_id,
    d.unit_code,
    d.source_code,
    d.dataset,
    d.window_from,
    d.window_to,
    d.received,
    previous.received as previous,
    d.held_by,
    d.reason,
    d.pulled_at
from (
    select distinct on (newest.unit_code, newest.source_code, newest.dataset) newest.*
    from landing.delivery as newest
    order by
        newest.unit_code asc, newest.source_code asc, newest.dataset asc, newest.pulled_at desc, newest.window_to desc
) as d
left join lateral (
    select p.received
    from landing.delivery as p
    where
        p.unit_code = d.unit_code and p.source_code = d.source_code and p.dataset = d.dataset
        and p.state = 'loaded' and p.pulled_at <= d.pulled_at
    order by p.pulled_at desc, p.window_to desc
    limit 1
) as previous on true
where
    d.state = 'held' and not ('DELIVERY_REJECTED' = any(d.held_by))
    and not exists (
        select 1 from ops.delivery_decision as x
        where
            x.delivery_id = d.delivery_id and x.decision = 'rejected'
            and not exists (
                select 1 from ops.delivery_decision as y
                where y.delivery_id = x.delivery_id and y.decision_id > x.decision_id
            )
    )
order by d.unit_code, d.source_code, d.dataset
