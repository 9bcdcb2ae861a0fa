-- Each delivery of the run in this dataset: its staged rows, and those a rule keeps out of the numbers.
select
    d.delivery_id,
    d.unit_code,
    d.source_code,
    d.landed,
    count(distinct v.row_no) as broken
from landing.run_delivery as rd
inner join landing.delivery as d on rd.delivery_id = d.delivery_id
left join stg.violation as v
    on rd.run_id = v.run_id and d.delivery_id = v.delivery_id and v.severity in ('critical', 'warning')
where rd.run_id = :run_id and d.dataset = :dataset and d.landed > 0
group by d.delivery_id, d.unit_code, d.source_code, d.landed
order by d.source_code, d.delivery_id
