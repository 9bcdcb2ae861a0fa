-- Revisions of closed periods, the newest period first; :period null: all; :days_from: those of exactly these days.
select
    c.calendar,
    c.period,
    c.revision,
    c.period_from,
    c.period_to,
    c.reporting_day,
    c.closed_at,
    c.closed_by,
    c.note,
    c.catalogue_sha256,
    c.on_time_rules,
    c.sources_expected,
    c.sources_complete,
    r.reopened_at,
    r.reopened_by,
    r.reason
from publish.closed_period as c
left join publish.reopening as r on c.calendar = r.calendar and c.period = r.period and c.revision = r.revision
where
    (cast(:period as text) is null or (c.period = :period and c.calendar = :calendar))
    and (cast(:days_from as date) is null or (c.period_from = :days_from and c.period_to = :days_to))
order by c.period_to desc, c.period_from desc, c.calendar desc, c.period desc, c.revision desc
