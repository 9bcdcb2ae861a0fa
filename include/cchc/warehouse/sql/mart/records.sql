-- The records that terms count: each row is one record whose events add up to something in the days of its terms, a term
-- with the sign -1 taken away.
select
    e.unit_code,
    e.source_code,
    e.procedure_code,
    e.record_code,
    min(e.day) as day,
    e.dates,
    e.delivery_id,
    e.row_no,
    sum(t.sign * e.value) as value
from unnest(
        cast(:measures as text[]), cast(:first_days as date[]), cast(:last_days as date[]), cast(:intakes as text[]),
        cast(:channels as text[]), cast(:online_levels as text[]), cast(:needs_results as boolean[]),
        cast(:amongs as text[]), cast(:signs as integer[])
    ) as t (measure_code, first_day, last_day, intake, channel, online_level, needs_result, among, sign)
inner join record_event as e
    on
        t.measure_code = e.measure_code
        and e.day between t.first_day and t.last_day
        and (t.intake is null or t.intake = e.intake)
        and (t.channel is null or t.channel = e.channel)
        and (t.online_level is null or t.online_level = e.online_level)
left join (
    select
        a.measure_code,
        a.last_day,
        m.procedure_code
    from (
        select distinct u.*
        from unnest(cast(:amongs as text[]), cast(:last_days as date[])) as u (measure_code, last_day)
    ) as a
    inner join mart.measure_day as m
        on m.unit_code = any(:units) and a.measure_code = m.measure_code and a.last_day >= m.day
    group by a.measure_code, a.last_day, m.procedure_code
    having sum(m.value) > 0
) as w
    on t.among = w.measure_code and t.last_day = w.last_day and e.procedure_code = w.procedure_code
where
    e.unit_code = any(:units)
    and (t.among is null or w.procedure_code is not null)
    and e.measure_code = any(:measures)
    -- the procedures that end without a written result are a list that is made once and looked up: all others need one
    and (
        t.needs_result is null
        or t.needs_result
        <> ((e.unit_code, e.procedure_code, t.last_day) in (
            select
                v.unit_code,
                v.procedure_code,
                n.last_day
            from (
                select distinct
                    p.unit_code,
                    p.procedure_code
                from core.procedure as p
                where p.unit_code = any(:units) and not p.needs_result
            ) as v
            cross join (select distinct u.last_day from unnest(cast(:last_days as date[])) as u (last_day)) as n
            where not core.needs_result(v.unit_code, v.procedure_code, n.last_day)
        ))
    )
group by e.unit_code, e.source_code, e.procedure_code, e.record_code, e.dates, e.delivery_id, e.row_no
having sum(t.sign * e.value) <> 0
order by e.procedure_code, e.unit_code, e.source_code, e.record_code
