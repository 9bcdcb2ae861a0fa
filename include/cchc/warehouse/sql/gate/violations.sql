insert into stg.violation (run_id, dataset, delivery_id, row_no, rule_code, severity, message)
select
    s.run_id, '{dataset}', s.delivery_id, s.row_no, r.rule_code, r.severity,
    r.message || coalesce(': ' || checked.detail, '')
from (
    select * from {view} as s
    where {broken}
    offset 0 -- each rule is looked at once for a row, and one by one only for a row that breaks any
) as s
cross join lateral (values {checks}) as checked (rule_code, is_broken, detail)
inner join unnest(
    cast(:codes as text[]), cast(:severities as text[]), cast(:messages as text[])
) as r (rule_code, severity, message) on checked.rule_code = r.rule_code
where checked.is_broken
