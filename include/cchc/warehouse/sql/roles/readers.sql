-- What the office and the units may read: views of schema report, and of the tables below just the columns that those views
-- show. They may not enter the tables' schemas, so nothing is reached but through a view.
-- The office: all views but the one with the codes of dossiers. A unit: those whose rows are some unit's, and what the whole
-- province is told of anyway (when it was published and closed, what procedures are called).
with recursive readable as (
    select
        v.oid,
        v.relname,
        g.role_name
    from pg_class as v
    inner join pg_namespace as n on v.relnamespace = n.oid and n.nspname = 'report'
    cross join (values ('cchc_office'), ('cchc_unit')) as g (role_name)
    where
        v.relkind = 'v'
        and case g.role_name
            when 'cchc_office' then v.relname <> 'own_dossier'
            else
                v.relname in ('release', 'closed_period', 'procedure_name')
                or exists (
                    select 1
                    from pg_attribute as a
                    where a.attrelid = v.oid and a.attname = 'unit_code' and not a.attisdropped
                )
        end
),

shown as (
    select
        r.role_name,
        t.oid as table_oid,
        string_agg(distinct quote_ident(a.attname), ', ') as columns
    from readable as r
    inner join pg_rewrite as w on r.oid = w.ev_class
    inner join pg_depend as d
        on w.oid = d.objid and d.classid = 'pg_rewrite'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
    inner join pg_class as t on d.refobjid = t.oid and t.relkind in ('r', 'p')
    inner join pg_attribute as a on t.oid = a.attrelid and d.refobjsubid = a.attnum
    group by r.role_name, t.oid
)

select format('grant usage on schema report to %I', g.role_name)
from (values ('cchc_office'), ('cchc_unit')) as g (role_name)
union all
select format('grant select on report.%I to %I', r.relname, r.role_name)
from readable as r
union all
select format('grant select (%s) on %s to %I', s.columns, s.table_oid::regclass, s.role_name)
from shown as s
union all
select 'grant select (login, unit_code) on ops.unit_login to cchc_unit' -- what the policies ask, of itself
