-- What its rows broke, where its batch is still staged.
select
    rule_code,
    min(message) as example,
    count(*) as broken
from stg.violation
where
    delivery_id = :delivery_id and dataset <> 'delivery'
    and run_id = (
        select rd.run_id from landing.run_delivery as rd
        inner join ops.run as r on rd.run_id = r.run_id
        where rd.delivery_id = :delivery_id
        order by r.started_at desc
        limit 1
    )
group by rule_code
order by broken desc, rule_code asc
