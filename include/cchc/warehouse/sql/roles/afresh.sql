-- Whoever is nobody may not even connect; what the groups were granted before is taken back, so that nothing old stays.
do $$
declare
    groups text := 'public, cchc_loader, cchc_publisher, cchc_office, cchc_unit, cchc_auditor';
    part text;
begin
    execute format('revoke all on database %I from %s', current_database(), groups);
    execute format('grant connect on database %I to %s', current_database(), replace(groups, 'public, ', ''));
    execute format('grant temporary on database %I to cchc_loader, cchc_publisher', current_database());
    if has_schema_privilege('cchc_unit', 'public', 'create') then
        revoke create on schema public from public;
    end if;
    for part in
        select format('schema %I', n.nspname)
        from pg_namespace as n
        where n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'public') and pg_has_role(n.nspowner, 'usage')
        union all
        select format(case c.relkind when 'S' then 'sequence %I.%I' else 'table %I.%I' end, n.nspname, c.relname)
        from pg_class as c
        inner join pg_namespace as n on c.relnamespace = n.oid
        where
            c.relkind in ('r', 'p', 'v', 'm', 'S') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'
            and pg_has_role(c.relowner, 'usage') -- a running night's views are the loader's own
    loop
        execute format('revoke all on %s from %s', part, groups);
    end loop;
end
$$;
