-- Runs that say they are running though a newer one of their kind has ended, or for longer than any night lasts.
select
    r.run_id,
    r.kind,
    r.reporting_day,
    r.started_at
from ops.run as r
where
    r.state = 'running'
    and (
        r.started_at < clock_timestamp() - make_interval(hours => :hours)
        or exists (
            select 1
            from ops.run as newer
            where newer.kind = r.kind and newer.started_at > r.started_at and newer.state <> 'running'
        )
    )
order by r.started_at
