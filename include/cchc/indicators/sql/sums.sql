-- The amount of every asked term for every unit of :single, and under the code '' for all of :whole together: the total
-- and, where a term asks for procedures, how many of them have a count above zero. Unit by unit and measure by measure,
-- so that only the days and measures that are asked for are read; of a stock whole quarters, and the days after them.
with term as (
    select
        t.*,
        case
            when exists (select 1 from core.stock_measure as s where s.measure_code = split_part(t.measure_code, '@', 1))
                then cast(date_trunc('quarter', t.last_day) as date)
            else t.first_day
        end as days_from
    from unnest(
            cast(:nos as integer[]), cast(:measures as text[]), cast(:starts as date[]), cast(:ends as date[]),
            cast(:intakes as text[]), cast(:channels as text[]), cast(:levels as text[]),
            cast(:needs_results as boolean[]), cast(:amongs as text[]), cast(:by_procedures as boolean[])
        ) as t (
            term_no, measure_code, first_day, last_day, intake, channel, online_level, needs_result, among,
            by_procedure
        )
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

-- by unit and term; the procedures apart only where they matter
counted as (
    select
        t.term_no,
        t.among,
        t.last_day,
        u.unit_code,
        c.procedure_code,
        c.value
    from unnest(cast(:units as text[])) as u (unit_code)
    cross join term as t
    cross join
        lateral (
            select
                case when t.by_procedure then m.procedure_code end as procedure_code,
                sum(m.value) as value
            from (
                select
                    d.procedure_code,
                    d.intake,
                    d.channel,
                    d.online_level,
                    d.value
                from mart.measure_day as d
                where
                    d.unit_code = u.unit_code
                    and d.measure_code = t.measure_code
                    and d.day between t.days_from and t.last_day
                union all
                select
                    q.procedure_code,
                    q.intake,
                    q.channel,
                    q.online_level,
                    q.value
                from mart.measure_quarter as q
                where
                    q.unit_code = u.unit_code
                    and q.measure_code = t.measure_code
                    and q.quarter >= t.first_day
                    and q.quarter < t.days_from
            ) as m
            where
                (t.intake is null or t.intake = m.intake)
                and (t.channel is null or t.channel = m.channel)
                and (t.online_level is null or t.online_level = m.online_level)
            group by 1
        ) as c
    left join without_result as w
        on t.last_day = w.last_day and u.unit_code = w.unit_code and c.procedure_code = w.procedure_code
    where t.needs_result is null or t.needs_result = (w.procedure_code is null)
),

-- whose number it is: each unit by itself, and all together
summed as (
    select
        c.term_no,
        c.among,
        c.last_day,
        c.unit_code,
        c.procedure_code,
        c.value
    from counted as c
    where c.unit_code = any(:single)
    union all
    select
        c.term_no,
        c.among,
        c.last_day,
        '' as unit_code,
        c.procedure_code,
        sum(c.value) as value
    from counted as c
    where c.unit_code = any(:whole)
    group by c.term_no, c.among, c.last_day, c.procedure_code
),

-- the procedures that are in a stock at a term's end, of a unit or of all
inside as (
    select
        s.measure_code,
        s.last_day,
        o.unit_code,
        m.procedure_code
    from (
        select distinct
            among as measure_code,
            last_day
        from term where among is not null
    ) as s
    inner join mart.measure_day as m
        on m.unit_code = any(:units) and s.measure_code = m.measure_code and s.last_day >= m.day
    cross join
        lateral (
            select m.unit_code
            where m.unit_code = any(:single)
            union all
            select '' as unit_code
            where m.unit_code = any(:whole)
        ) as o
    group by s.measure_code, s.last_day, o.unit_code, m.procedure_code
    having sum(m.value) > 0
)

select
    s.term_no,
    s.unit_code,
    sum(s.value) as total,
    count(*) filter (where s.procedure_code is not null and s.value > 0) as procedures
from summed as s
left join inside as i
    on
        s.among = i.measure_code
        and s.last_day = i.last_day
        and s.unit_code = i.unit_code
        and s.procedure_code = i.procedure_code
where s.among is null or i.procedure_code is not null
group by s.term_no, s.unit_code
