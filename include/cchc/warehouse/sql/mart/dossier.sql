-- Dossier events: one row for each measure a dossier counts in, on the local day it counts.
-- A stock is its signed changes: +1 where a dossier enters it, -1 where it leaves.
-- The on-time rule of the source is a name; what it means is written in core.on_time_outcome.
select
    d.unit_code,
    e.day,
    e.measure_code,
    d.procedure_code,
    d.intake,
    d.channel,
    d.online_level,
    e.value,
    d.source_code,
    d.dossier_code as record_code,
    d.delivery_id,
    d.row_no,
    jsonb_build_object(
        'received', d.received_at, 'due', d.due_at, 'finished', d.finished_at, 'returned', d.returned_at
    ) as dates
from core.dossier as d
left join core.source as s on d.source_code = s.source_code
cross join
    lateral (
        select
            (d.received_at at time zone 'Asia/Ho_Chi_Minh')::date as received_day,
            (
                core.due_under(s.on_time_rule, d.due_at, d.supplement_at, d.supplement_completed_at)
                at time zone 'Asia/Ho_Chi_Minh'
            )::date as due_day,
            (d.supplement_at at time zone 'Asia/Ho_Chi_Minh')::date as asked_day,
            (d.supplement_completed_at at time zone 'Asia/Ho_Chi_Minh')::date as completed_day,
            -- index 2.1: asked again and again without completing the dossier, it is overdue
            coalesce(
                s.on_time_rule = 'portal-766' and d.status = 'supplement' and d.supplement_requests > 1, false
            ) as asked_too_often,
            d.status not in ('registered', 'not_accepted') as is_received,
            case
                when d.status in ('finished', 'returned') then coalesce(d.finished_at, d.returned_at)
                -- a withdrawn or stopped dossier whose source gives no end has left the day it came
                when d.status in ('withdrawn', 'stopped') then coalesce(d.finished_at, d.returned_at, d.received_at)
            end as ended_at,
            -- the clock stands still while the citizen is asked for papers, if that was before it ran out
            d.status = 'supplement' and coalesce(
                (d.supplement_at at time zone 'Asia/Ho_Chi_Minh')::date
                <= (d.due_at at time zone 'Asia/Ho_Chi_Minh')::date,
                true
            ) as is_waiting
        limit 1 -- keeps the planner from working it out again for each measure
    ) as t
cross join
    lateral (
        select
            (t.ended_at at time zone 'Asia/Ho_Chi_Minh')::date as ended_day,
            case
                when d.status in ('finished', 'returned')
                    then core.on_time_outcome(
                            s.on_time_rule, d.due_at, d.finished_at, d.returned_at,
                            d.supplement_at, d.supplement_completed_at, d.extended_at
                        )
            end as outcome,
            -- what the office has not taken in is not in its process, so it cannot be overdue there
            t.received_day is null or (t.is_waiting and not t.asked_too_often) as is_excused,
            -- how long it waited is known where it still does, or where the source says when the papers came
            t.received_day is not null
            and (d.status = 'supplement' or d.supplement_completed_at >= d.supplement_at) as waited,
            case
                when d.status <> 'supplement'
                    then least(t.completed_day, (t.ended_at at time zone 'Asia/Ho_Chi_Minh')::date)
            end as wait_over_day,
            -- greatest() passes over nulls: without a due day there is no overdue day
            case
                when t.asked_too_often and t.asked_day is not null
                    then greatest(least(t.due_day + 1, t.asked_day), t.received_day)
                when t.due_day is not null then greatest(t.due_day + 1, t.received_day)
            end as overdue_day
        limit 1
    ) as o
cross join
    lateral (
        values
        ('received', t.received_day, 1, t.is_received),
        ('received_online', t.received_day, 1, t.is_received and d.channel = 'online'),
        ('post_in', t.received_day, 1, t.is_received and d.post_in),
        ('post_out', t.received_day, 1, t.is_received and d.post_out),
        ('post_both', t.received_day, 1, t.is_received and d.post_in and d.post_out),
        ('paid_online', t.received_day, 1, t.is_received and d.paid_online),
        ('with_duty', t.received_day, 1, t.is_received and d.has_duty),
        ('not_accepted', t.received_day, 1, d.status = 'not_accepted'),
        ('finished_early', o.ended_day, 1, o.outcome = 'early'),
        ('finished_on_time', o.ended_day, 1, o.outcome = 'on_time'),
        ('finished_late', o.ended_day, 1, o.outcome = 'late'),
        ('closed_without_result', o.ended_day, 1, o.outcome is not null and not d.has_result),
        ('electronic_result', o.ended_day, 1, o.outcome is not null and d.electronic_result),
        ('withdrawn', o.ended_day, 1, d.status = 'withdrawn'),
        ('stopped', o.ended_day, 1, d.status = 'stopped'),
        ('in_process', t.received_day, 1, t.is_received),
        ('in_process', o.ended_day, -1, t.is_received),
        (
            'waiting_for_supplement', greatest(t.asked_day, t.received_day), 1,
            t.is_received and o.waited and t.asked_day is not null
        ),
        (
            'waiting_for_supplement', greatest(o.wait_over_day, t.asked_day, t.received_day), -1,
            t.is_received and o.waited and t.asked_day is not null and o.wait_over_day is not null
        ),
        (
            'overdue_in_process', o.overdue_day, 1,
            t.is_received and not o.is_excused and (o.ended_day is null or o.ended_day >= o.overdue_day)
        ),
        ('overdue_in_process', o.ended_day, -1, t.is_received and not o.is_excused and o.ended_day >= o.overdue_day)
    ) as e (measure_code, day, value, counts)
where e.counts and e.day is not null
