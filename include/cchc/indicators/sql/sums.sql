-- The amount of every asked term for every unit, in one pass over the marts: the total, and the number of procedures
-- with a count above zero. :together sums all units into one row under the code ''.
with term as (
    select *
    from unnest(
            cast(:nos as integer[]), cast(:measures as text[]), cast(:starts as date[]), cast(:ends as date[]),
            cast(:intakes as text[]), cast(:channels as text[]), cast(:levels as text[]),
            cast(:needs_results as boolean[])
        ) as t (term_no, measure_code, first_day, last_day, intake, channel, online_level, needs_result)
),

counted as (
    select
        t.term_no,
        m.unit_code,
        m.procedure_code,
        sum(m.value) as value
    from term as t
    inner join mart.measure_day as m
        on
            t.measure_code = m.measure_code
            and m.unit_code = any(:units)
            and m.day between t.first_day and t.last_day
            and (t.intake is null or t.intake = m.intake)
            and (t.channel is null or t.channel = m.channel)
            and (t.online_level is null or t.online_level = m.online_level)
    group by 1, 2, 3
),

by_procedure as (
    select
        c.term_no,
        case when :together then '' else c.unit_code end as unit_code,
        c.procedure_code,
        sum(c.value) as value
    from counted as c
    inner join term as t on c.term_no = t.term_no
    where
        t.needs_result is null
        or core.needs_result(c.unit_code, c.procedure_code, t.last_day) = t.needs_result
    group by 1, 2, 3
)

select
    p.term_no,
    p.unit_code,
    sum(p.value) as total,
    count(*) filter (where p.value > 0) as procedures
from by_procedure as p
group by p.term_no, p.unit_code
