-- Our own due time beside the declared one, for dossiers received in a span of days whose procedure has a term: the
-- term of the version in force on the day of receipt, the newest where several are. Each counts once, as in the marts.
select
    d.unit_code,
    d.source_code,
    d.dossier_code,
    d.procedure_code,
    p.term_value,
    p.term_unit,
    d.received_at,
    d.due_at,
    o.own_due_at,
    case
        when o.own_due_at is null then 'no_calendar'
        when d.due_at is null then 'no_due'
        when
            (d.due_at at time zone 'Asia/Ho_Chi_Minh')::date > (o.own_due_at at time zone 'Asia/Ho_Chi_Minh')::date
            then 'later'
        when
            (d.due_at at time zone 'Asia/Ho_Chi_Minh')::date < (o.own_due_at at time zone 'Asia/Ho_Chi_Minh')::date
            then 'sooner'
        else 'same'
    end as verdict
from core.dossier as d
left join core.source as s on d.source_code = s.source_code
inner join
    lateral core.procedure_on(
        d.unit_code, d.procedure_code, (d.received_at at time zone 'Asia/Ho_Chi_Minh')::date
    ) as p
    on p.term_value is not null and p.term_unit is not null
cross join
    lateral (
        select core.own_due_at(d.received_at, p.term_value, p.term_unit, p.cutoff) as own_due_at
    ) as o
where
    d.unit_code = any(:units)
    and d.status not in ('registered', 'not_accepted')
    and d.received_at >= cast(:first_day as date)::timestamp at time zone 'Asia/Ho_Chi_Minh'
    and d.received_at < (cast(:last_day as date) + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh'
    and (coalesce(s.listed, 1) = 1 or not exists ({earlier_twin}))
order by d.unit_code, d.source_code, d.dossier_code
