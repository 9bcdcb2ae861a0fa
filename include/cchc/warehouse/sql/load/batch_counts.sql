-- How many rows of the delivery are staged in this run, and how many of them break a rule that keeps rows out.
select
    count(*) as staged,
    count(*) filter (where bad.row_no is not null) as quarantined
from stg.{dataset} as s
left join (
    select distinct row_no
    from stg.violation
    where run_id = :run_id and delivery_id = :delivery_id and severity in ('critical', 'warning')
) as bad on s.row_no = bad.row_no
where s.run_id = :run_id and s.delivery_id = :delivery_id
