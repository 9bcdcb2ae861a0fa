-- When the terms of a unit's dossiers end by our own calendar, for those that ask for it; where a dossier has no other
-- due time and this one moved, all days it counts or counted on are touched.
with asked as (
    select
        d.source_code,
        d.dossier_code,
        d.procedure_code,
        d.due_at,
        d.supplement_at,
        d.supplement_completed_at,
        array[
            d.received_at, d.finished_at, d.returned_at, d.apology_at, d.supplement_at, d.supplement_completed_at
        ] as other_events,
        d.own_due_at as before,
        case
            when d.status not in ('registered', 'not_accepted')
                then core.own_due_at(d.received_at, p.term_value, p.term_unit, p.cutoff)
        end as after
    from core.dossier as d
    left join
        lateral core.procedure_on(
            d.unit_code, d.procedure_code, (d.received_at at time zone 'Asia/Ho_Chi_Minh')::date
        ) as p
        on true
    where d.unit_code = :unit and d.own_due_stale
),

written as (
    update core.dossier as d
    set own_due_at = a.after, own_due_stale = false
    from asked as a
    where d.unit_code = :unit and d.source_code = a.source_code and d.dossier_code = a.dossier_code
)

insert into ops.touched_day (unit_code, dataset, day, procedure_code)
select distinct
    :unit,
    'dossier',
    e.day,
    a.procedure_code
from asked as a
cross join
    lateral (
        select (o.moment at time zone 'Asia/Ho_Chi_Minh')::date as day
        from unnest(a.other_events) as o (moment)
        union all
        select (u.moment at time zone 'Asia/Ho_Chi_Minh')::date + 1 as day
        from unnest(array[
                a.before,
                a.after,
                core.paused_due_at(a.before, a.supplement_at, a.supplement_completed_at),
                core.paused_due_at(a.after, a.supplement_at, a.supplement_completed_at)
            ]) as u (moment)
    ) as e
where a.due_at is null and a.before is distinct from a.after and e.day is not null
on conflict do nothing
