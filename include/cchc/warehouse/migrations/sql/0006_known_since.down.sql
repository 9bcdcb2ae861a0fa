do $$
declare
    fact text;
begin
    foreach fact in array array[
        'dossier', 'document', 'document_status', 'procedure', 'procedure_review', 'petition', 'official_score',
        'reported_measure'
    ]
    loop
        execute 'alter table core.' || fact || ' drop column known_since';
    end loop;
end
$$;
alter table core.change_history alter column changed_at set default clock_timestamp();
update core.change_history
set old_row = old_row - 'known_since';
drop table ops.known_since_start;
