-- Every column of every table and view of the warehouse in the order of the tables, with its keys. Views of a single run
-- (stg.gate_…) are left out.
select
    n.nspname as schema_name,
    c.relname as table_name,
    c.relkind in ('v', 'm') as is_view,
    a.attname as name,
    case
        when a.atttypid = 'timestamptz'::regtype then 'timestamptz'
        else format_type(a.atttypid, a.atttypmod)
    end as type,
    a.attnotnull as is_required,
    exists(
        select 1
        from pg_constraint as k
        where k.conrelid = c.oid and k.contype = 'p' and a.attnum = any(k.conkey)
    ) as is_key,
    (
        select string_agg(distinct tn.nspname || '.' || t.relname, ', ')
        from pg_constraint as k
        inner join pg_class as t on k.confrelid = t.oid
        inner join pg_namespace as tn on t.relnamespace = tn.oid
        where k.conrelid = c.oid and k.contype = 'f' and a.attnum = any(k.conkey)
    ) as refers_to
from pg_class as c
inner join pg_namespace as n on c.relnamespace = n.oid
inner join pg_attribute as a on c.oid = a.attrelid
where
    c.relkind in ('r', 'p', 'v', 'm', 'f')
    and (n.nspname not like 'pg\_%' and n.nspname not in ('information_schema', 'public') or c.relname = 'cchc_version')
    and not (n.nspname = 'stg' and c.relkind = 'v' and c.relname like 'gate\_%')
    and a.attnum > 0
    and not a.attisdropped
order by n.nspname, c.relname, a.attnum
