-- Of the dossiers that were due in the span as first promised: those whose due day was put off on that day or later.
-- What a source said before stands in core.change_history, unless a rebuild wrote it: that is our reading that changed.
-- When the source changed its mind: not before the last night that still read the old word or, of its last word, on the
-- day of the extension it states. A dossier that waited for the citizen's papers is left out: that time is given back.
with looks as (
    select
        o.source_code,
        o.started_at,
        o.finished_at,
        lead(o.finished_at, 1, 'infinity') over (partition by o.source_code order by o.finished_at) as until
    from ops.source_outcome as o
    inner join ops.run as r on o.run_id = r.run_id
    where
        o.unit_code = any(:units) and r.kind = 'sync' and o.state in ('loaded', 'unchanged')
        and o.finished_at >= :starts - make_interval(days => cast(:looked_back_days as integer))
),

moved as (
    select
        h.unit_code,
        h.old_row ->> 'source_code' as source_code,
        h.record_key,
        cast(h.old_row ->> 'due_at' as timestamptz) as due_at,
        max(h.changed_at) as seen_at
    from core.change_history as h
    where
        h.unit_code = any(:units) and h.dataset = 'dossier' and h.change = 'update'
        and h.changed_at >= :starts
        and h.old_row ->> 'due_at' is not null
        and h.delivery_id <> cast(h.old_row ->> 'delivery_id' as uuid)
    group by 1, 2, 3, 4
),

promised as (
    select
        d.unit_code,
        d.source_code,
        d.dossier_code,
        d.received_at,
        d.due_at,
        m.due_at as earlier_due_at,
        (m.due_at at time zone 'Asia/Ho_Chi_Minh')::date as earlier_due_day,
        case
            when
                d.extended_at is not null
                and m.seen_at = max(m.seen_at) over (partition by d.unit_code, d.source_code, d.dossier_code)
                then (d.extended_at at time zone 'Asia/Ho_Chi_Minh')::date
            else (l.started_at at time zone 'Asia/Ho_Chi_Minh')::date
        end as moved_on
    from core.dossier as d
    left join core.source as s on d.source_code = s.source_code
    left join moved as m
        on
            d.unit_code = m.unit_code and d.source_code = m.source_code and d.dossier_code = m.record_key
            and d.due_at > m.due_at
    left join looks as l
        on m.source_code = l.source_code and m.seen_at > l.finished_at and m.seen_at <= l.until
    where
        d.unit_code = any(:units)
        and d.received_at is not null
        and d.supplement_at is null and d.supplement_completed_at is null
        and d.due_at >= :starts -- whatever was due in the span is due then or later
        and (d.due_at < :ends or m.due_at < :ends)
        and (coalesce(s.listed, 1) = 1 or not exists ({earlier_twin}))
),

judged as (
    select
        p.unit_code,
        p.source_code,
        p.dossier_code,
        p.received_at,
        p.due_at,
        min(coalesce(p.earlier_due_at, p.due_at)) as moment,
        coalesce(
            bool_or(
                p.moved_on >= p.earlier_due_day
                and (p.due_at at time zone 'Asia/Ho_Chi_Minh')::date > p.earlier_due_day
            ),
            false
        ) as shows
    from promised as p
    group by 1, 2, 3, 4, 5
)

select
    j.unit_code,
    j.source_code,
    j.dossier_code,
    j.received_at,
    j.due_at,
    j.moment,
    j.shows
from judged as j
where j.moment >= :starts and j.moment < :ends
