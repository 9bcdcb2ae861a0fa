-- Who may do what here; also a login that is gone and still stands as a unit's.
select
    coalesce(m.login, l.login) as login,
    coalesce(m.kinds, '') as kinds,
    coalesce(l.units, '') as units,
    m.login is null as is_gone
from (
    select
        r.rolname::text as login,
        string_agg(distinct replace(g.rolname, 'cchc_', ''), ', ') as kinds
    from pg_auth_members as a
    inner join pg_roles as g on a.roleid = g.oid
    inner join pg_roles as r on a.member = r.oid
    where
        g.rolname in ('cchc_loader', 'cchc_publisher', 'cchc_office', 'cchc_unit', 'cchc_auditor')
        and a.inherit_option -- who made a group may hand it on, and is no member
    group by r.rolname
) as m
full join (
    select
        u.login,
        string_agg(u.unit_code, ', ' order by u.unit_code) as units
    from ops.unit_login as u
    group by u.login
) as l on m.login = l.login
order by 1
