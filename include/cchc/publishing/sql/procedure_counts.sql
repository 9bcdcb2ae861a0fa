-- What the procedures of units are counted by, for all units at once: the counts of sql/form_counted.sql by unit and
-- procedure, with the field that sql/form_field.sql gives.
select
    c.unit_code,
    c.procedure_code,
    f.field_code,
    c.measure_code,
    c.channel,
    c.online_level,
    cast(sum(c.before) as bigint) as before,
    cast(sum(c.within) as bigint) as within
from counted as c
inner join field_of as f on c.unit_code = f.unit_code and c.procedure_code = f.procedure_code
group by 1, 2, 3, 4, 5, 6
