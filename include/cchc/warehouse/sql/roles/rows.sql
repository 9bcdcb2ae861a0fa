-- Row-level security: every table with rows of units, staging left out, which no reader reads and COPY fills. Whoever may
-- read all of a table does so by a policy that is a constant, which costs a query nothing; a unit reads its own rows.
-- Owners are not held by it: they can take a policy away.
with tables as (
    select
        format('%I.%I', n.nspname, c.relname) as name,
        case format('%I.%I', n.nspname, c.relname)
            when 'ops.unit_login' then 'login = session_user'
            -- the portal scores every unit in one table, that one source delivers
            when 'core.official_score'
                then 'department_code = any (array(select c.code from core.unit_code as c'
                    || ' where c.code_system = ''portal766'' and c.unit_code = any (<own>)))'
            -- findings stand in the register of the office that follows them up
            when 'core.inspection' then 'inspected_unit = any (<own>)'
            else 'unit_code = any (<own>)'
        end as is_own
    from pg_class as c
    inner join pg_namespace as n on c.relnamespace = n.oid
    where
        c.relkind in ('r', 'p')
        and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'stg')
        and exists (
            select 1
            from pg_attribute as a
            where a.attrelid = c.oid and a.attname = 'unit_code' and not a.attisdropped
        )
)

select
    unnest(
        array[
            format('alter table %s enable row level security', t.name),
            format('drop policy if exists cchc_all on %s', t.name),
            format(
                'create policy cchc_all on %s to cchc_loader, cchc_publisher, cchc_office, cchc_auditor'
                ' using (true) with check (true)',
                t.name
            ),
            format('drop policy if exists cchc_own on %s', t.name),
            format(
                'create policy cchc_own on %s for select to cchc_unit using (%s)',
                t.name,
                replace(
                    t.is_own,
                    '<own>',
                    'array(select l.unit_code from ops.unit_login as l where l.login = session_user)'
                )
            )
        ]
    )
from tables as t
