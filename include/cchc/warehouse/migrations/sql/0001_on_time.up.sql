-- Single expressions, so that the planner puts them in place of the call. Days are those of Cao Bằng.

-- When a dossier is due once the time it waited for the citizen's papers is given back. Immutable, as an index needs:
-- seconds are added, so no daylight-saving rule has a say.
create function core.paused_due_at(due_at timestamptz, asked_at timestamptz, completed_at timestamptz)
returns timestamptz
language sql immutable
return case
    when completed_at > asked_at
        then to_timestamp(extract(epoch from due_at) + extract(epoch from completed_at) - extract(epoch from asked_at))
    else due_at
end;

-- The due time that a rule reads: index 766 gives the wait back.
create function core.due_under(rule text, due_at timestamptz, asked_at timestamptz, completed_at timestamptz)
returns timestamptz
language sql immutable
return case when rule = 'portal-766' then core.paused_due_at(due_at, asked_at, completed_at) else due_at end;

create function core.outcome_by_day(ended_at timestamptz, due_at timestamptz)
returns text
language sql immutable
return case
    when (ended_at at time zone 'Asia/Ho_Chi_Minh')::date < (due_at at time zone 'Asia/Ho_Chi_Minh')::date then 'early'
    when (ended_at at time zone 'Asia/Ho_Chi_Minh')::date > (due_at at time zone 'Asia/Ho_Chi_Minh')::date then 'late'
    else 'on_time'
end;

-- Late to the second, early by the day.
create function core.outcome_by_second(ended_at timestamptz, due_at timestamptz)
returns text
language sql immutable
return case when ended_at > due_at then 'late' else core.outcome_by_day(ended_at, due_at) end;

-- When the half-day of work began in which a dossier is due: 07:00 or 13:30; before 07:00 the due time itself.
create function core.session_start(due_at timestamptz)
returns timestamptz
language sql immutable
return case
    when (due_at at time zone 'Asia/Ho_Chi_Minh')::time >= time '13:30'
        then ((due_at at time zone 'Asia/Ho_Chi_Minh')::date + time '13:30') at time zone 'Asia/Ho_Chi_Minh'
    when (due_at at time zone 'Asia/Ho_Chi_Minh')::time >= time '07:00'
        then ((due_at at time zone 'Asia/Ho_Chi_Minh')::date + time '07:00') at time zone 'Asia/Ho_Chi_Minh'
    else due_at
end;

-- Whether a dossier that has ended did so early, on_time or late, under a named rule.
--   date           the day it ended against the day due, as vendors count form II.06a (TT 01/2020/TT-VPCP)
--   timestamp      late to the second; early by the day (OpenCPS 3.0)
--   returned-date  the day the result was handed over, where it was, against the day due (an older vendor rule)
--   opencps-batch  late: released after due; early: released before due with an extension, or handed over before due
--   opencps-live   early: before the half-day that holds the due time began; late to the second;
--                  without a due time it is early
--   portal-766     to the second, with the wait for the citizen's papers given back (description of index 2.1)
-- Without a due time nothing can be late.
create function core.on_time_outcome(
    rule text,
    due_at timestamptz,
    finished_at timestamptz,
    returned_at timestamptz,
    supplement_at timestamptz,
    supplement_completed_at timestamptz,
    extended_at timestamptz
)
returns text
language sql immutable
return case
    when coalesce(finished_at, returned_at) is null then null
    when due_at is null then case when rule = 'opencps-live' then 'early' else 'on_time' end
    when rule = 'opencps-batch'
        then case
                when coalesce(finished_at, returned_at) > due_at then 'late'
                when coalesce(finished_at, returned_at) < due_at and extended_at is not null then 'early'
                when returned_at < due_at then 'early'
                else 'on_time'
            end
    when rule = 'opencps-live'
        then case
                when coalesce(finished_at, returned_at) > due_at then 'late'
                when coalesce(finished_at, returned_at) < core.session_start(due_at) then 'early'
                else 'on_time'
            end
    when rule = 'portal-766'
        then core.outcome_by_second(
                coalesce(finished_at, returned_at),
                core.due_under(rule, due_at, supplement_at, supplement_completed_at)
            )
    when rule = 'returned-date' then core.outcome_by_day(coalesce(returned_at, finished_at), due_at)
    when rule = 'timestamp' then core.outcome_by_second(coalesce(finished_at, returned_at), due_at)
    else core.outcome_by_day(coalesce(finished_at, returned_at), due_at)
end;

create index dossier_supplement on core.dossier (unit_code, supplement_at) where supplement_at is not null;
create index dossier_supplement_completed on core.dossier (unit_code, supplement_completed_at)
where supplement_completed_at is not null;
create index dossier_paused_due on core.dossier (
    unit_code, core.paused_due_at(due_at, supplement_at, supplement_completed_at)
) where supplement_completed_at is not null;
