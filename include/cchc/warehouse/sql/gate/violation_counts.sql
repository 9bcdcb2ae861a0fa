select
    rule_code,
    count(*) as broken
from stg.violation
where run_id = :run_id and dataset = :dataset
group by rule_code
