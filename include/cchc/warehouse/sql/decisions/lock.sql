select
    d.delivery_id,
    d.unit_code,
    d.source_code,
    d.dataset,
    d.state,
    d.reason,
    (select count(*) > 0 from ops.load_ledger as l where l.delivery_id = d.delivery_id) as is_in_core,
    (
        select rd.run_id
        from landing.run_delivery as rd
        inner join ops.run as r on rd.run_id = r.run_id
        where rd.delivery_id = d.delivery_id
        order by r.started_at desc
        limit 1
    ) as run_id,
    (
        select x.decision || ' by ' || x.decided_by
        from ops.delivery_decision as x
        where x.delivery_id = d.delivery_id
        order by x.decision_id desc
        limit 1
    ) as decided
from landing.delivery as d
where d.delivery_id = :delivery_id
for update of d
