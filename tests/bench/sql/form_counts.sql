-- The counts of form II.06a by level of unit and field, as one statement somebody would write by hand.
select
    u.unit_group as level,
    p.field_code,
    m.measure_code,
    coalesce(sum(m.value) filter (where m.day < :first_day), 0) as before,
    coalesce(sum(m.value) filter (where m.day >= :first_day), 0) as within
from mart.measure_day as m
inner join core.unit as u on m.unit_code = u.unit_code and u.valid_to is null
left join core.procedure as p on m.unit_code = p.unit_code and m.procedure_code = p.procedure_code
where
    m.measure_code = any(:measures)
    and m.day <= :last_day
    and (m.day >= :first_day or m.measure_code = any(:stocks))
group by 1, 2, 3
