-- Dossier events: one row for each measure a dossier counts in, on the local day it counts.
-- A stock is its signed changes: +1 where a dossier enters it, -1 where it leaves.
-- The on-time rule of the source is a name; what it means is written in core.on_time_outcome. Where an indicator asks
-- for a rule of its own (core.asked_rule), what depends on the rule counts again under `<measure>@<rule>`.
-- A dossier is not overdue while the citizen is asked for papers, and is again once they have come. Under portal-766 (index
-- 2.1) the wait moves the due moment instead, where papers were asked for before it had passed.
-- A dossier that stands in two systems of its unit, with the same code and procedure, counts in the one listed first.
select
    d.unit_code,
    e.day,
    e.measure_code || r.suffix as measure_code,
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
        'received', d.received_at, 'due', d.due_at, 'finished', d.finished_at, 'returned', d.returned_at,
        'own_due', d.own_due_at
    ) as dates
from core.dossier as d
left join core.source as s on d.source_code = s.source_code
cross join
    lateral (
        select
            q.suffix,
            q.suffix = '' as is_own,
            q.on_time_rule
        from (
            select
                '' as suffix,
                s.on_time_rule
            union all
            select
                '@' || a.on_time_rule as suffix,
                a.on_time_rule
            from core.asked_rule as a
        ) as q
        -- in a system that is listed later only what no earlier one has
        where
            coalesce(s.listed, 1) = 1
            or not exists ({earlier_twin})
    ) as r
cross join
    lateral (
        select core.promised_at(r.on_time_rule, d.due_at, d.own_due_at) as due_at
        limit 1
    ) as p
cross join
    lateral (
        select
            (d.received_at at time zone 'Asia/Ho_Chi_Minh')::date as received_day,
            (
                case
                    when d.supplement_at > p.due_at then p.due_at
                    else core.due_under(r.on_time_rule, p.due_at, d.supplement_at, d.supplement_completed_at)
                end at time zone 'Asia/Ho_Chi_Minh'
            )::date as due_day,
            (d.supplement_at at time zone 'Asia/Ho_Chi_Minh')::date as asked_day,
            (d.supplement_completed_at at time zone 'Asia/Ho_Chi_Minh')::date as completed_day,
            (d.apology_at at time zone 'Asia/Ho_Chi_Minh')::date as apology_day,
            -- index 2.1: asked again and again without completing the dossier, it is overdue
            coalesce(
                r.on_time_rule = 'portal-766' and d.status = 'supplement' and d.supplement_requests > 1, false
            ) as asked_too_often,
            d.status not in ('registered', 'not_accepted') as is_received,
            case
                when d.status in ('finished', 'returned') then coalesce(d.finished_at, d.returned_at)
                -- a withdrawn or stopped dossier whose source gives no end has left the day it came
                when d.status in ('withdrawn', 'stopped') then coalesce(d.finished_at, d.returned_at, d.received_at)
            end as ended_at,
            -- still waiting, and never overdue so far: since when it waits is not known, or it was asked before it was due
            d.status = 'supplement' and (
                d.supplement_at is null
                or (
                    r.on_time_rule = 'portal-766'
                    and coalesce(
                        (d.supplement_at at time zone 'Asia/Ho_Chi_Minh')::date
                        <= (p.due_at at time zone 'Asia/Ho_Chi_Minh')::date,
                        true
                    )
                )
            ) as is_waiting
        limit 1 -- keeps the planner from working it out again for each measure
    ) as t
cross join
    lateral (
        select
            (t.ended_at at time zone 'Asia/Ho_Chi_Minh')::date as ended_day,
            -- of whatever left the process: a withdrawn or stopped dossier has no result, but it was late or was not
            case
                when t.ended_at is not null
                    then core.on_time_outcome(
                            r.on_time_rule, p.due_at, coalesce(d.finished_at, d.returned_at, t.ended_at), d.returned_at,
                            d.supplement_at, d.supplement_completed_at, d.extended_at
                        )
            end as ended,
            -- what the office has not taken in is not in its process, so it cannot be overdue there
            t.received_day is null or (t.is_waiting and not t.asked_too_often) as is_excused,
            -- how long it waited is known where it still does, or where the source says when the papers came
            t.received_day is not null and t.asked_day is not null
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
        select
            case when d.status in ('finished', 'returned') then o.ended end as outcome,
            case when o.waited then greatest(t.asked_day, t.received_day) end as asked_day,
            case
                when o.waited and o.wait_over_day is not null
                    then greatest(o.wait_over_day, t.asked_day, t.received_day)
            end as back_day,
            case
                when coalesce(r.on_time_rule, '') <> 'portal-766' and o.waited
                    then greatest(t.asked_day, t.received_day)
            end as paused_day
        limit 1
    ) as f
cross join
    lateral (
        select
            -- overdue from the first day on, until it is asked for papers or has ended
            case
                when not o.is_excused and o.overdue_day < least(f.paused_day, o.ended_day, 'infinity')
                    then o.overdue_day
            end as first_day,
            least(f.paused_day, o.ended_day) as until_day,
            -- and again once they have come
            case
                when
                    not o.is_excused and o.overdue_day is not null and f.paused_day is not null and f.back_day is not null
                    and greatest(o.overdue_day, f.back_day) < coalesce(o.ended_day, 'infinity')
                    then greatest(o.overdue_day, f.back_day)
            end as again_day
        limit 1
    ) as v
cross join
    lateral (
        -- Selects, not one list of values: PostgreSQL would prepare each row of the list again for each dossier.
        -- noqa: disable=LT09
        -- what happened whatever the rule
        select
            'received' as measure_code,
            t.received_day as day,
            1 as value
        where r.is_own and t.is_received
        union all
        select 'received_online', t.received_day, 1
        where r.is_own and t.is_received and d.channel = 'online'
        union all
        select 'received_online_with_result', t.received_day, 1
        where r.is_own and t.is_received and d.channel = 'online' and d.electronic_result
        union all
        select 'received_with_result', t.received_day, 1
        where r.is_own and t.is_received and d.electronic_result
        union all
        select 'components_digitised', t.received_day, 1
        where r.is_own and t.is_received and d.components_digitised
        union all
        select 'digitised_with_result', t.received_day, 1
        where r.is_own and t.is_received and d.components_digitised and d.electronic_result
        union all
        select 'data_reused', t.received_day, 1
        where r.is_own and t.is_received and d.data_reused
        union all
        select 'personal_store', t.received_day, 1
        where r.is_own and t.is_received and d.personal_store
        union all
        select 'citizen_data', t.received_day, 1
        where r.is_own and t.is_received and d.citizen_data
        union all
        select 'dissatisfied', t.received_day, 1
        where r.is_own and t.is_received and d.dissatisfied
        union all
        select 'post_in', t.received_day, 1
        where r.is_own and t.is_received and d.post_in
        union all
        select 'post_out', t.received_day, 1
        where r.is_own and t.is_received and d.post_out
        union all
        select 'post_both', t.received_day, 1
        where r.is_own and t.is_received and d.post_in and d.post_out
        union all
        select 'paid_online', t.received_day, 1
        where r.is_own and t.is_received and d.paid_online
        union all
        select 'with_duty', t.received_day, 1
        where r.is_own and t.is_received and d.has_duty
        union all
        select 'not_accepted', t.received_day, 1
        where r.is_own and d.status = 'not_accepted'
        union all
        select 'apology_sent', t.apology_day, 1
        where r.is_own and t.is_received
        union all
        select 'closed_without_result', o.ended_day, 1
        where r.is_own and f.outcome is not null and not d.has_result
        union all
        select 'electronic_result', o.ended_day, 1
        where r.is_own and f.outcome is not null and d.electronic_result
        union all
        select 'withdrawn', o.ended_day, 1
        where r.is_own and d.status = 'withdrawn'
        union all
        select 'stopped', o.ended_day, 1
        where r.is_own and d.status = 'stopped'
        union all
        select 'in_process', t.received_day, 1
        where r.is_own and t.is_received
        union all
        select 'in_process', o.ended_day, -1
        where r.is_own and t.is_received
        union all
        select 'waiting_for_supplement', f.asked_day, 1
        where r.is_own and t.is_received
        union all
        select 'waiting_for_supplement', f.back_day, -1
        where r.is_own and t.is_received
        -- what depends on the rule
        union all
        select 'finished_early', o.ended_day, 1
        where f.outcome = 'early'
        union all
        select 'finished_on_time', o.ended_day, 1
        where f.outcome = 'on_time'
        union all
        select 'finished_late', o.ended_day, 1
        where f.outcome = 'late'
        union all
        select 'finished_late_apologised', o.ended_day, 1
        where f.outcome = 'late' and d.apology_at is not null
        union all
        select 'ended_in_time', o.ended_day, 1
        where t.is_received and o.ended in ('early', 'on_time')
        union all
        select 'ended_late', o.ended_day, 1
        where t.is_received and o.ended = 'late'
        union all
        select 'in_process_within_term', t.received_day, 1
        where t.is_received
        union all
        select 'in_process_within_term', coalesce(v.first_day, v.again_day, o.ended_day), -1
        where t.is_received
        union all
        select 'in_process_within_term', v.until_day, 1
        where t.is_received and v.first_day is not null and v.until_day is distinct from o.ended_day
        union all
        select 'in_process_within_term', coalesce(v.again_day, o.ended_day), -1
        where t.is_received and v.first_day is not null and v.until_day is distinct from o.ended_day
        union all
        select 'overdue_in_process', v.first_day, 1
        where t.is_received
        union all
        select 'overdue_in_process', v.until_day, -1
        where t.is_received and v.first_day is not null
        union all
        select 'overdue_in_process', v.again_day, 1
        where t.is_received
        union all
        select 'overdue_in_process', o.ended_day, -1
        where t.is_received and v.again_day is not null
        union all
        select 'overdue_apologised', greatest(v.first_day, t.apology_day), 1
        where
            t.is_received and v.first_day is not null and t.apology_day is not null
            and greatest(v.first_day, t.apology_day) < coalesce(v.until_day, 'infinity')
        union all
        select 'overdue_apologised', v.until_day, -1
        where
            t.is_received and v.first_day is not null and t.apology_day is not null
            and greatest(v.first_day, t.apology_day) < v.until_day
        union all
        select 'overdue_apologised', greatest(v.again_day, t.apology_day), 1
        where
            t.is_received and v.again_day is not null and t.apology_day is not null
            and greatest(v.again_day, t.apology_day) < coalesce(o.ended_day, 'infinity')
        union all
        select 'overdue_apologised', o.ended_day, -1
        where
            t.is_received and v.again_day is not null and t.apology_day is not null
            and greatest(v.again_day, t.apology_day) < o.ended_day
    ) as e
where e.day is not null
