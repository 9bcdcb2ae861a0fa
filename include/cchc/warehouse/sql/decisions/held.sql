-- Deliveries that are held and wait for a decision, the newest of each source and dataset: a later pull covers the days of
-- an earlier one that was not believed. One that was rejected waits for nothing; one that was approved waits until it is loaded.
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
    coalesce(d.reason, 'Đã duyệt nhưng chưa nạp xong; duyệt lại để nạp') as reason,
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
left join lateral (
    select x.decision from ops.delivery_decision as x
    where x.delivery_id = d.delivery_id
    order by x.decision_id desc
    limit 1
) as decided on true
where
    (
        d.state = 'held' and not ('DELIVERY_REJECTED' = any(d.held_by))
        and coalesce(decided.decision, 'approved') = 'approved'
    )
    or (d.state = 'landed' and decided.decision = 'approved')
order by d.unit_code, d.source_code, d.dataset
