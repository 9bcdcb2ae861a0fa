-- The dossiers that ended in a span of days under two on-time rules: every one, or only those that differ.
-- The span goes by the day a dossier ended, which is the same under every rule. Each counts once, as in the marts.
select
    d.unit_code,
    d.source_code,
    d.dossier_code,
    d.procedure_code,
    d.received_at,
    d.due_at,
    d.own_due_at,
    d.finished_at,
    d.returned_at,
    d.supplement_at,
    d.supplement_completed_at,
    d.extended_at,
    o.first_outcome,
    o.second_outcome
from core.dossier as d
left join core.source as s on d.source_code = s.source_code
cross join
    lateral (
        select
            core.on_time_outcome(
                :first, core.promised_at(:first, d.due_at, d.own_due_at),
                d.finished_at, d.returned_at,
                d.supplement_at, d.supplement_completed_at, d.extended_at
            ) as first_outcome,
            core.on_time_outcome(
                :second, core.promised_at(:second, d.due_at, d.own_due_at),
                d.finished_at, d.returned_at,
                d.supplement_at, d.supplement_completed_at, d.extended_at
            ) as second_outcome
    ) as o
where
    d.unit_code = any(:units)
    and d.status in ('finished', 'returned')
    and (coalesce(d.finished_at, d.returned_at) at time zone 'Asia/Ho_Chi_Minh')::date between :first_day and :last_day
    and (coalesce(s.listed, 1) = 1 or not exists ({earlier_twin}))
order by d.unit_code, d.source_code, d.dossier_code
