-- The dossiers that can have an event on a touched day of their procedure, by index: it falls on the day of one of their
-- dates, or on the day after a due one. So a refresh follows what was touched, not the length of the unit's history.
select
    c.source_code,
    c.dossier_code
from ops.touched_day as touched
cross join
    lateral (
        select
            touched.day::timestamp at time zone 'Asia/Ho_Chi_Minh' as starts,
            (touched.day + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh' as ends
        limit 1
    ) as local
cross join
    lateral (
        select
            r.source_code,
            r.dossier_code
        from core.dossier as r
        where
            r.unit_code = :unit
            and r.procedure_code = touched.procedure_code
            and r.received_at >= local.starts and r.received_at < local.ends
        union all
        select
            f.source_code,
            f.dossier_code
        from core.dossier as f
        where
            f.unit_code = :unit
            and f.procedure_code = touched.procedure_code
            and f.finished_at >= local.starts and f.finished_at < local.ends
        union all
        select
            t.source_code,
            t.dossier_code
        from core.dossier as t
        where
            t.unit_code = :unit
            and t.procedure_code = touched.procedure_code
            and t.returned_at >= local.starts and t.returned_at < local.ends
        union all
        select
            u.source_code,
            u.dossier_code
        from core.dossier as u
        where
            u.unit_code = :unit
            and u.procedure_code = touched.procedure_code
            and u.due_at >= local.starts - interval '1 day'
            and u.due_at < local.ends - interval '1 day'
        union all
        select
            n.source_code,
            n.dossier_code
        from core.dossier as n
        where
            n.unit_code = :unit
            and n.procedure_code = touched.procedure_code
            and n.due_at is null
            and n.own_due_at >= local.starts - interval '1 day'
            and n.own_due_at < local.ends - interval '1 day'
        union all
        select
            g.source_code,
            g.dossier_code
        from core.dossier as g
        where
            g.unit_code = :unit
            and g.procedure_code = touched.procedure_code
            and g.apology_at >= local.starts and g.apology_at < local.ends
        union all
        select
            a.source_code,
            a.dossier_code
        from core.dossier as a
        where
            a.unit_code = :unit
            and a.procedure_code = touched.procedure_code
            and a.supplement_at >= local.starts and a.supplement_at < local.ends
        union all
        select
            p.source_code,
            p.dossier_code
        from core.dossier as p
        where
            p.unit_code = :unit
            and p.procedure_code = touched.procedure_code
            and p.supplement_completed_at >= local.starts and p.supplement_completed_at < local.ends
        union all
        select
            w.source_code,
            w.dossier_code
        from core.dossier as w
        where
            w.unit_code = :unit
            and w.procedure_code = touched.procedure_code
            and w.supplement_completed_at is not null
            and core.paused_due_at(coalesce(w.due_at, w.own_due_at), w.supplement_at, w.supplement_completed_at)
            >= local.starts - interval '1 day'
            and core.paused_due_at(coalesce(w.due_at, w.own_due_at), w.supplement_at, w.supplement_completed_at)
            < local.ends - interval '1 day'
    ) as c
where touched.unit_code = :unit and touched.dataset = 'dossier'
