-- After a delivery was taken back: how far its dataset is complete is what the remaining ones say, and the days of one that
-- was asked for days are read again; a register is read whole every night. Nothing remains: nothing is complete.
with taken as (
    select
        d.unit_code,
        d.source_code,
        d.dataset,
        case when coalesce(s.kind, '') = 'files' then 'infinity'::date else d.window_from - 1 end as at_most
    from landing.delivery as d
    left join core.source as s on d.source_code = s.source_code
    where d.delivery_id = :delivery_id
),

remaining as (
    select
        t.unit_code,
        t.source_code,
        t.dataset,
        least(max(d.window_to), min(t.at_most)) as complete_to
    from taken as t
    left join (
        select l.*
        from landing.delivery as l
        where l.delivery_id in (select x.delivery_id from ops.load_ledger as x)
    ) as d on t.unit_code = d.unit_code and t.source_code = d.source_code and t.dataset = d.dataset
    group by t.unit_code, t.source_code, t.dataset
    having count(d.delivery_id) > 0
),

gone as (
    delete from ops.watermark as w
    using taken as t
    where
        w.unit_code = t.unit_code and w.source_code = t.source_code and w.dataset = t.dataset
        and not exists (select 1 from remaining)
)

update ops.watermark as w
set complete_to = least(w.complete_to, r.complete_to), moved_at = clock_timestamp()
from remaining as r
where w.unit_code = r.unit_code and w.source_code = r.source_code and w.dataset = r.dataset
