-- What PostgreSQL lets everybody write without any table, also from a session that began read-only: large objects, and
-- messages into the server's journal. Nothing where that was taken away; only a superuser can, in each database.
select
    format('revoke execute on function %s from public', string_agg(p.oid::regprocedure::text, ', ' order by p.oid)) as statement,
    bool_and(pg_has_role(p.proowner, 'usage')) as is_ours_to_revoke
from pg_proc as p
where
    p.pronamespace = 'pg_catalog'::regnamespace
    and p.proname in ('lo_creat', 'lo_create', 'lo_from_bytea', 'pg_logical_emit_message')
    and has_function_privilege('public', p.oid, 'execute')
having count(*) > 0
