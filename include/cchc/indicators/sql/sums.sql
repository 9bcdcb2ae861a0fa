-- The amount of every asked term for every unit of :single, and under the code '' for all of :whole together: the total
-- and, where a term asks for procedures, how many of them have a count above zero. Unit by unit and measure by measure,
-- so that only the days and measures that are asked for are read.
with term as (
    select *
    from unnest(
            cast(:nos as integer[]), cast(:measures as text[]), cast(:starts as date[]), cast(:ends as date[]),
            cast(:intakes as text[]), cast(:channels as text[]), cast(:levels as text[]),
            cast(:needs_results as boolean[]), cast(:by_procedures as boolean[])
        ) as t (
            term_no, measure_code, first_day, last_day, intake, channel, online_level, needs_result, by_procedure
        )
),

unit as (
    select
        u.unit_code,
        u.unit_code = any(:single) as single,
        u.unit_code = any(:whole) as member
    from unnest(cast(:units as text[])) as u (unit_code)
),

plain as (
    select
        t.term_no,
        u.unit_code,
        u.single,
        u.member,
        c.total
    from unit as u
    cross join term as t
    cross join
        lateral (
            select sum(m.value) as total
            from mart.measure_day as m
            where
                m.unit_code = u.unit_code
                and m.measure_code = t.measure_code
                and m.day between t.first_day and t.last_day
                and (t.intake is null or t.intake = m.intake)
                and (t.channel is null or t.channel = m.channel)
                and (t.online_level is null or t.online_level = m.online_level)
        ) as c
    where not t.by_procedure and c.total is not null
),

-- the procedures in force at a term's end that end without a written result (as core.needs_result has it)
without_result as (
    select
        v.last_day,
        v.unit_code,
        v.procedure_code
    from (
        select distinct on (d.last_day, p.unit_code, p.procedure_code)
            d.last_day,
            p.unit_code,
            p.procedure_code,
            p.needs_result
        from (select distinct last_day from term where needs_result is not null) as d
        inner join core.procedure as p
            on p.valid_from <= d.last_day and coalesce(p.valid_to, 'infinity') >= d.last_day
        where p.unit_code = any(:units)
        order by d.last_day asc, p.unit_code asc, p.procedure_code asc, p.valid_from desc, p.source_code asc
    ) as v
    where not v.needs_result
),

listed as (
    select
        t.term_no,
        u.unit_code,
        u.single,
        u.member,
        c.procedure_code,
        c.value
    from unit as u
    cross join term as t
    cross join
        lateral (
            select
                m.procedure_code,
                sum(m.value) as value
            from mart.measure_day as m
            where
                m.unit_code = u.unit_code
                and m.measure_code = t.measure_code
                and m.day between t.first_day and t.last_day
                and (t.intake is null or t.intake = m.intake)
                and (t.channel is null or t.channel = m.channel)
                and (t.online_level is null or t.online_level = m.online_level)
            group by m.procedure_code
        ) as c
    left join without_result as w
        on t.last_day = w.last_day and u.unit_code = w.unit_code and c.procedure_code = w.procedure_code
    where
        t.by_procedure
        and (t.needs_result is null or t.needs_result = (w.procedure_code is null))
)

select
    p.term_no,
    p.unit_code,
    p.total,
    0 as procedures
from plain as p
where p.single
union all
select
    p.term_no,
    '' as unit_code,
    sum(p.total) as total,
    0 as procedures
from plain as p
where p.member
group by p.term_no
union all
select
    l.term_no,
    l.unit_code,
    sum(l.value) as total,
    count(*) filter (where l.value > 0) as procedures
from listed as l
where l.single
group by l.term_no, l.unit_code
union all
select
    g.term_no,
    '' as unit_code,
    sum(g.value) as total,
    count(*) filter (where g.value > 0) as procedures
from (
    select
        l.term_no,
        l.procedure_code,
        sum(l.value) as value
    from listed as l
    where l.member
    group by l.term_no, l.procedure_code
) as g
group by g.term_no
