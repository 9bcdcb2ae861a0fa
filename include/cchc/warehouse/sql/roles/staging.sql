-- Tables of staging one by one: beside them stand views of a night that runs, which are the loader's own.
do $$
declare
    part text;
begin
    for part in select format('stg.%I', c.relname) from pg_class as c where c.relkind = 'r' and c.relnamespace = 'stg'::regnamespace loop
        execute format('grant select, insert, update, delete on %s to cchc_loader', part);
        execute format('grant select on %s to cchc_publisher, cchc_auditor', part);
        if current_setting('server_version_num')::integer >= 170000 then
            execute format('grant maintain on %s to cchc_loader', part);
        end if;
    end loop;
end
$$;
