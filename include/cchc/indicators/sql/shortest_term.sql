-- The shortest term among the procedures in force on :day, per unit. Terms are ordered in days: an hour is an eighth of
-- a working day, a month thirty days, a working day no shorter than a day.
select distinct on (p.unit_code)
    p.unit_code,
    p.source_code,
    p.procedure_code,
    p.valid_from,
    p.term_value,
    p.term_unit,
    p.delivery_id,
    p.row_no,
    case p.term_unit when 'hour' then 0.125 when 'month' then 30 else 1 end * p.term_value as days
from core.procedure as p
where
    p.unit_code = any(:units)
    and p.term_value is not null
    and p.term_unit is not null
    and p.valid_from <= :day
    and (p.valid_to is null or p.valid_to >= :day)
    -- a later version in force replaces an earlier one whose end the register leaves open
    and not exists (
        select 1
        from core.procedure as later
        where
            later.unit_code = p.unit_code
            and later.source_code = p.source_code
            and later.procedure_code = p.procedure_code
            and later.valid_from > p.valid_from
            and later.valid_from <= :day
    )
order by p.unit_code, days, array_position(array['hour', 'day', 'working_day', 'month'], p.term_unit), p.procedure_code
