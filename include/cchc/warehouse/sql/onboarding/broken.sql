select
    rule_code,
    severity,
    count(*) as broken,
    min(row_no) as first_row
from stg.violation
where run_id = :run_id and dataset = :dataset
group by rule_code, severity
