-- Deliveries that wait for a person: held and not decided about; approved, but not loaded yet; rejected, but not taken out
-- of the numbers yet. A later pull that was judged and read the same days has overtaken one that was not believed.
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
    case
        when d.state = 'landed' then 'Đã duyệt nhưng chưa nạp xong; duyệt lại để nạp'
        when 'DELIVERY_REJECTED' = any(d.held_by) then 'Đã từ chối nhưng chưa gỡ khỏi số liệu; từ chối lại để gỡ'
        else coalesce(d.reason, '')
    end as reason,
    d.pulled_at
from landing.delivery as d
left join core.source as s on d.source_code = s.source_code
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
        (
            (d.state = 'held' and not ('DELIVERY_REJECTED' = any(d.held_by)) and coalesce(decided.decision, 'approved') = 'approved')
            or (d.state = 'landed' and decided.decision = 'approved')
        )
        and not exists (
            select 1
            from landing.delivery as newer
            where
                newer.unit_code = d.unit_code and newer.source_code = d.source_code and newer.dataset = d.dataset
                and newer.pulled_at > d.pulled_at and newer.state in ('loaded', 'held')
                and newer.window_to >= d.window_to and (newer.window_from <= d.window_from or s.kind = 'files')
        )
    )
    or (
        d.state = 'held' and 'DELIVERY_REJECTED' = any(d.held_by)
        and exists (select 1 from ops.load_ledger as l where l.delivery_id = d.delivery_id)
    )
order by d.unit_code, d.source_code, d.dataset, d.pulled_at
