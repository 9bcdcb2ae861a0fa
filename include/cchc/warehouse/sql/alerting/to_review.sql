-- What blocks no number but wants a look, as it stood on the worst of the last nights: rules that are only told of, and those
-- over whole deliveries that hold none. Records with a state-secret mark, and what was removed from the numbers, have sections
-- of their own.
with by_night as (
    select
        o.reporting_day,
        n.unit_code,
        n.source_code,
        n.rule_code,
        sum(n.broken) as broken
    from ops.newest_outcome as o
    inner join ops.rule_count as n on o.run_id = n.run_id and o.source_code = n.source_code
    where
        o.reporting_day > :day - :nights and o.reporting_day <= :day
        and (n.severity = 'info' or (n.severity = 'warning' and n.rule_code like 'DELIVERY~_%' escape '~'))
        and n.rule_code <> 'DELIVERY_HAS_SECRETS'
        and not (n.rule_code = 'DELIVERY_RECORDS_MISSING' and o.removed > 0)
    group by o.reporting_day, n.unit_code, n.source_code, n.rule_code
)

select
    unit_code,
    source_code,
    rule_code,
    max(broken) as broken,
    min(reporting_day) as first_day,
    max(reporting_day) as last_day
from by_night
group by unit_code, source_code, rule_code
order by unit_code, source_code, rule_code
