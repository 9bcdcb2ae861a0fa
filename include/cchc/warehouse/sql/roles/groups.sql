-- The groups that logins are members of. They belong to the whole server: another database of it may just be making them.
do $$
declare
    needed text;
begin
    foreach needed in array array['cchc_loader', 'cchc_publisher', 'cchc_office', 'cchc_unit', 'cchc_auditor'] loop
        begin
            if to_regrole(needed) is null then
                execute format('create role %I nologin', needed);
            end if;
        exception
            when duplicate_object or unique_violation then null;
        end;
    end loop;
end
$$;
