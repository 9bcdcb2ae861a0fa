-- Counts of dossiers by unit and procedure, split by what a column can ask for. `before`: all days up to the day before the
-- period (a stock's balance there); `within`: the days of the period.
with member as (
    select *
    from unnest(cast(:units as text[]), cast(:levels as text[])) as t (unit_code, level)
)

select
    u.level,
    m.unit_code,
    m.procedure_code,
    m.measure_code,
    m.channel,
    m.online_level,
    coalesce(sum(m.value) filter (where m.day < :first_day), 0) as before,
    coalesce(sum(m.value) filter (where m.day >= :first_day), 0) as within
from member as u
inner join mart.measure_day as m
    on
        u.unit_code = m.unit_code
        and m.measure_code = any(:measures)
        and m.day <= :last_day
        and (m.day >= :first_day or m.measure_code = any(:stocks))
group by 1, 2, 3, 4, 5, 6
having bool_or(m.day >= :first_day) or sum(m.value) <> 0
