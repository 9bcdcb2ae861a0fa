-- What a login is: nothing where it is not there. `is_above`: no right of this product holds it.
select
    r.rolcanlogin as can_login,
    r.rolsuper or r.rolbypassrls
    or exists (
        select 1
        from pg_database as d
        where d.datname = current_database() and pg_has_role(r.oid, d.datdba, 'member')
    )
    or exists (
        select 1
        from pg_roles as p
        where
            p.rolname in (
                'pg_read_all_data', 'pg_write_all_data', 'pg_maintain', 'pg_read_server_files', 'pg_write_server_files',
                'pg_execute_server_program'
            )
            and pg_has_role(r.oid, p.oid, 'member')
    )
    or exists (
        select 1
        from pg_namespace as n
        where n.nspname in ('core', 'ops', 'report') and pg_has_role(r.oid, n.nspowner, 'member')
    ) as is_above,
    array(
        select replace(g.rolname, 'cchc_', '')
        from pg_auth_members as m
        inner join pg_roles as g on m.roleid = g.oid
        where
            m.member = r.oid and m.inherit_option -- who made a group may hand it on, and is no member
            and g.rolname in ('cchc_loader', 'cchc_publisher', 'cchc_office', 'cchc_unit', 'cchc_auditor')
        order by g.rolname
    ) as kinds
from pg_roles as r
where r.rolname = :login
