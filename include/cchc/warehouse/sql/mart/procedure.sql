-- Procedure events: stocks of the procedures in force, +1 the day a version starts, -1 the day after it ends.
-- A later version ends the earlier one, also where the register leaves its end open.
select
    p.unit_code,
    e.day,
    e.measure_code,
    p.procedure_code,
    '' as intake,
    '' as channel,
    p.online_level,
    e.value,
    p.source_code,
    p.procedure_code || ' ' || p.valid_from as record_code,
    p.delivery_id,
    p.row_no,
    jsonb_build_object('valid_from', p.valid_from, 'valid_to', p.valid_to) as dates
from (
    select
        v.*,
        least(
            v.valid_to + 1,
            lead(v.valid_from) over (
                partition by v.unit_code, v.source_code, v.procedure_code order by v.valid_from
            )
        ) as over_on
    from core.procedure as v
) as p
cross join
    lateral (
        values
        ('procedures_listed', p.valid_from, 1, true),
        ('procedures_listed', p.over_on, -1, true),
        ('procedures_level_4', p.valid_from, 1, p.online_level = '4'),
        ('procedures_level_4', p.over_on, -1, p.online_level = '4')
    ) as e (measure_code, day, value, counts)
where e.counts and e.day is not null
