-- Views of a gate that was killed: of this run, or of a run that is over. Those of another login are left to it.
select v.viewname
from pg_views as v
where
    v.schemaname = 'stg' and v.viewname like 'gate\_%' and pg_has_role(v.viewowner, 'usage')
    and (
        v.viewname like :own
        or not exists (
            select 1
            from ops.run as r
            where
                r.state = 'running' and r.started_at > clock_timestamp() - interval '1 day'
                and v.viewname like '%' || replace(cast(r.run_id as text), '-', '')
        )
    )
