-- Of the dossiers a unit had to deal with (left over from before and received): those that ended in time. The pattern is
-- there where nothing is left, what ended late is too little to be seen in a share that is printed with one decimal, and
-- something would be left on an ordinary evening: as many as end a day, times the nights that one takes (Little 1961,
-- Operations Research 9, 383). Counted from the marts, as the published numbers are; the nights from the records.
with stock as (
    select
        q.unit_code,
        q.value,
        q.quarter < cast(:first as date) as is_before
    from mart.measure_quarter as q
    where
        q.unit_code = any(:units) and q.measure_code = 'in_process'
        and q.quarter < date_trunc('quarter', cast(:first as date))
    union all
    select
        m.unit_code,
        m.value,
        m.day < cast(:first as date) as is_before
    from mart.measure_day as m
    where
        m.unit_code = any(:units) and m.measure_code = 'in_process'
        and m.day >= date_trunc('quarter', cast(:first as date)) and m.day <= cast(:last as date)
),

balance as (
    select
        stock.unit_code,
        sum(stock.value) filter (where stock.is_before) as left_over,
        sum(stock.value) as still_open
    from stock
    group by 1
),

flow as (
    select
        m.unit_code,
        sum(m.value) filter (where m.measure_code = 'received') as received,
        sum(m.value) filter (where m.measure_code = 'ended_in_time') as ended_in_time
    from mart.measure_day as m
    where
        m.unit_code = any(:units) and m.measure_code in ('received', 'ended_in_time')
        and m.day between cast(:first as date) and cast(:last as date)
    group by 1
),

usual as (
    select
        e.unit_code,
        sum((e.ended_at at time zone 'Asia/Ho_Chi_Minh')::date - (e.received_at at time zone 'Asia/Ho_Chi_Minh')::date)
        / (cast(:last as date) - cast(:first as date) + 1.0) as left_open
    from {view} as e
    group by 1
),

counted as (
    select
        u.unit_code,
        coalesce(f.ended_in_time, 0) as numerator,
        coalesce(b.left_over, 0) + coalesce(f.received, 0) as denominator,
        coalesce(b.still_open, 0) as still_open,
        coalesce(n.left_open, 0) as usually_open
    from unnest(cast(:units as text[])) as u (unit_code)
    left join flow as f on u.unit_code = f.unit_code
    left join balance as b on u.unit_code = b.unit_code
    left join usual as n on u.unit_code = n.unit_code
)

select
    c.unit_code,
    cast(c.numerator as bigint) as numerator,
    cast(c.denominator as bigint) as denominator,
    c.still_open = 0 and c.denominator - c.numerator <= c.denominator * cast(:late_unseen as numeric)
    and c.usually_open >= cast(:usually_open as numeric) as shows
from counted as c
where c.denominator > 0 and c.numerator <= c.denominator
