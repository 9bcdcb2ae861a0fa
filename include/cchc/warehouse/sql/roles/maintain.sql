-- From PostgreSQL 17 on a group may refresh planner statistics of tables it does not own; before, PostgreSQL passes over that.
do $$
begin
    if current_setting('server_version_num')::integer >= 170000 then
        execute 'grant maintain on all tables in schema landing, core, mart, quarantine, ops to cchc_loader';
        execute 'grant maintain on all tables in schema mart, publish, quality to cchc_publisher';
        execute 'grant maintain on ops.touched_day, ops.alert, ops.outbox to cchc_publisher';
    end if;
end
$$;
