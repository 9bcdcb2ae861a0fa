-- What became of each source on a reporting day, and which rules hold which of its datasets.
select
    o.source_code,
    o.unit_code,
    o.state,
    o.error_class,
    o.message,
    (
        select max(t.refused) from ops.run_to_tell as t
        where t.reporting_day = o.reporting_day and t.source_code = o.source_code
    ) as refused, -- also by a night before that was cut off, and read more days
    array(
        select distinct d.dataset || ' ' || h.rule_code
        from landing.run_delivery as rd
        inner join landing.delivery as d on rd.delivery_id = d.delivery_id
        cross join lateral unnest(d.held_by) as h (rule_code)
        where rd.run_id = o.run_id and d.source_code = o.source_code and d.state = 'held'
        order by 1
    ) as held_by
from ops.newest_outcome as o
where o.reporting_day = :day
order by o.source_code
