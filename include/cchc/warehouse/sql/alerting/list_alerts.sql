select
    alert_id,
    kind,
    unit_code,
    source_code,
    dataset,
    rule_code,
    since,
    last_day,
    coalesce(closed_day, last_day) - since + 1 as nights,
    times_told,
    told_at,
    escalated_day,
    closed_day
from ops.alert
where :everything or closed_day is null
order by closed_day nulls first, since, unit_code, kind, source_code, dataset, rule_code
