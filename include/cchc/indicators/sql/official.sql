-- The national portal's scores of one calendar month with the unit each is about, by the unit's code on the portal.
select distinct on (c.unit_code, s.group_code, s.component_code)
    c.unit_code,
    s.group_code,
    s.component_code,
    s.numerator,
    s.denominator,
    s.score,
    s.quality
from core.official_score as s
inner join core.unit_code as c on s.department_code = c.code and c.code_system = 'portal766'
where
    s.period_from = :first_day
    and s.period_to = :last_day
    and c.unit_code = any(:units)
order by c.unit_code asc, s.group_code asc, s.component_code asc, s.pulled_at desc, s.source_code asc
