-- Counts of dossiers by unit and procedure, split by what a column can ask for. `before`: all days up to the day before the
-- period (a stock's balance there; whole quarters are read as such); `within`: the days of the period. Each is one range of
-- a mart's key.
select
    m.unit_code,
    m.procedure_code,
    m.measure_code,
    m.channel,
    m.online_level,
    sum(m.before) as before,
    sum(m.within) as within
from (
    select
        w.unit_code,
        w.procedure_code,
        w.measure_code,
        w.channel,
        w.online_level,
        0 as before,
        w.value as within,
        true as is_within
    from mart.measure_day as w
    where w.unit_code = any(:units) and w.measure_code = any(:measures) and w.day between :first_day and :last_day
    union all
    select
        b.unit_code,
        b.procedure_code,
        b.measure_code,
        b.channel,
        b.online_level,
        b.value as before,
        0 as within,
        false as is_within
    from mart.measure_day as b
    where
        b.unit_code = any(:units)
        and b.measure_code = any(:stocks)
        and b.day >= date_trunc('quarter', cast(:first_day as date))
        and b.day < :first_day
    union all
    select
        q.unit_code,
        q.procedure_code,
        q.measure_code,
        q.channel,
        q.online_level,
        q.value as before,
        0 as within,
        false as is_within
    from mart.measure_quarter as q
    where
        q.unit_code = any(:units)
        and q.measure_code = any(:stocks)
        and q.quarter < date_trunc('quarter', cast(:first_day as date))
) as m
group by 1, 2, 3, 4, 5
having bool_or(m.is_within) or sum(m.before) <> 0
