-- How many broken rules only the gate or only the pass by hand found, or tells with other words.
select count(*)
from (
    select * from stg.violation
    where run_id = :run_id and dataset <> 'delivery'
) as g
full join bench.broken as h
    on
        g.delivery_id = h.delivery_id and g.row_no = h.row_no and g.rule_code = h.rule_code and g.dataset = h.dataset
        and g.message = h.message
where g.rule_code is null or h.rule_code is null
