-- Petition events: one row for each measure a petition or complaint counts in, on the local day it counts.
-- A stock is its signed changes: +1 where a petition enters it, -1 where it leaves.
-- Satisfied (index 766, 5.3) is every petition, on the day it came, that was not disliked, not repeated and not
-- answered late, each once; one that still waits for its answer is not yet any of them.
select
    p.unit_code,
    e.day,
    e.measure_code,
    '' as procedure_code,
    '' as intake,
    '' as channel,
    '' as online_level,
    e.value,
    p.source_code,
    p.petition_code as record_code,
    p.delivery_id,
    p.row_no,
    jsonb_build_object('received', p.received_at, 'due', p.due_at, 'answered', p.answered_at) as dates
from core.petition as p
cross join
    lateral (
        select
            (p.received_at at time zone 'Asia/Ho_Chi_Minh')::date as received_day,
            (p.answered_at at time zone 'Asia/Ho_Chi_Minh')::date as answered_day,
            (p.due_at at time zone 'Asia/Ho_Chi_Minh')::date as due_day
        limit 1 -- keeps the planner from working it out again for each measure
    ) as t
cross join
    lateral (
        select
            -- greatest() passes over nulls: without a due day there is no overdue day
            case when t.due_day is not null then greatest(t.due_day + 1, t.received_day) end as overdue_day,
            coalesce(t.answered_day > t.due_day, false) as is_late
        limit 1
    ) as o
cross join
    lateral (
        values
        ('petitions', t.received_day, 1, true),
        ('petitions_about_procedures', t.received_day, 1, p.kind = 'procedure'),
        ('petitions_about_staff', t.received_day, 1, p.kind = 'staff'),
        ('petitions_answered', t.answered_day, 1, true),
        ('petitions_answered_on_time', t.answered_day, 1, not o.is_late),
        ('petitions_answered_late', t.answered_day, 1, o.is_late),
        (
            'petitions_satisfied', t.received_day, 1,
            not (coalesce(p.disliked, false) or coalesce(p.complained_again, false) or o.is_late)
        ),
        ('petitions_open', t.received_day, 1, true),
        ('petitions_open', t.answered_day, -1, true),
        ('petitions_overdue', o.overdue_day, 1, t.answered_day is null or t.answered_day >= o.overdue_day),
        ('petitions_overdue', t.answered_day, -1, t.answered_day >= o.overdue_day)
    ) as e (measure_code, day, value, counts)
where e.counts and e.day is not null
