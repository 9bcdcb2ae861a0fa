-- How many rows of the delivery, of its unit, are staged in this run, and how many of them break a rule that keeps rows out.
-- The bad rows are looked up in a hashed list: a fresh batch has no statistics that would tell the planner how to join.
select
    count(*) as staged,
    count(*) filter (where s.row_no in (
        select v.row_no
        from stg.violation as v
        where v.run_id = :run_id and v.delivery_id = :delivery_id and v.severity in ('critical', 'warning')
    )) as quarantined
from stg.{dataset} as s
where s.run_id = :run_id and s.delivery_id = :delivery_id and s.unit_code = :unit_code and s.source_code = :source_code
