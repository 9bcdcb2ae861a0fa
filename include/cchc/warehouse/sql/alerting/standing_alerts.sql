-- What is open after a night, and what that night closed.
select
    alert_id,
    kind,
    unit_code,
    source_code,
    dataset,
    rule_code,
    since,
    changed_day,
    greatest(:day - since + 1, 1) as night,
    coalesce(escalated_day = :day, false) as escalated_now,
    closed_day is not null as closed_now
from ops.alert
where closed_day is null or closed_day = :day
order by since, unit_code, kind, source_code, dataset, rule_code
