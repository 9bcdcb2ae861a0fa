-- The dossiers of units that can be among the records of terms, put in place of `core.dossier` by `cchc.indicators.listing`:
-- they are chosen by their own columns before anything is worked out of them. `offset 0` keeps the planner from choosing
-- last, of all that the units ever had.
select d.*
from core.dossier as d
cross join
    lateral (
        select
            cast(:flows_from as date)::timestamp at time zone 'Asia/Ho_Chi_Minh' as starts,
            (cast(:flows_to as date) + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh' as ends,
            (cast(:stocks_on as date) + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh' as known_until
    ) as asked
where
    d.unit_code = any(:units)
    and (
        -- flows (none: nulls): an event falls on the day of one of the dates or on the day after a due one, as in
        -- sql/mart/dossier_touched.sql
        (d.received_at >= asked.starts and d.received_at < asked.ends)
        or (d.finished_at >= asked.starts and d.finished_at < asked.ends)
        or (d.returned_at >= asked.starts and d.returned_at < asked.ends)
        or (d.due_at >= asked.starts - interval '1 day' and d.due_at < asked.ends - interval '1 day')
        or (
            d.due_at is null
            and d.own_due_at >= asked.starts - interval '1 day' and d.own_due_at < asked.ends - interval '1 day'
        )
        or (d.apology_at >= asked.starts and d.apology_at < asked.ends)
        or (d.supplement_at >= asked.starts and d.supplement_at < asked.ends)
        or (d.supplement_completed_at >= asked.starts and d.supplement_completed_at < asked.ends)
        or (
            d.supplement_completed_at is not null
            and core.paused_due_at(coalesce(d.due_at, d.own_due_at), d.supplement_at, d.supplement_completed_at)
            >= asked.starts - interval '1 day'
            and core.paused_due_at(coalesce(d.due_at, d.own_due_at), d.supplement_at, d.supplement_completed_at)
            < asked.ends - interval '1 day'
        )
        -- stocks (none: null): whatever came and left by their first day is in none of them, for it left all of them
        or (
            asked.known_until is not null
            and (
                d.status not in ('finished', 'returned', 'withdrawn', 'stopped')
                or coalesce(d.received_at >= asked.known_until, true)
                or coalesce(
                    coalesce(
                        d.finished_at, d.returned_at, case when d.status in ('withdrawn', 'stopped') then d.received_at end
                    ) >= asked.known_until,
                    true
                )
            )
        )
    )
offset 0
