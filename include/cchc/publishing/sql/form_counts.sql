-- What the rows of a form are made of, for all its units at once: the counts of sql/form_counted.sql by level of unit and by
-- the field that sql/form_field.sql gives.
select
    u.level,
    f.field_code,
    c.measure_code,
    c.channel,
    c.online_level,
    cast(sum(c.before) as bigint) as before,
    cast(sum(c.within) as bigint) as within
from counted as c
inner join field_of as f on c.unit_code = f.unit_code and c.procedure_code = f.procedure_code
inner join unnest(cast(:units as text[]), cast(:levels as text[])) as u (unit_code, level) on c.unit_code = u.unit_code
group by 1, 2, 3, 4, 5
