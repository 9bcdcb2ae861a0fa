-- A reopening is a link of its own, sealed when it is made: that of the newest revision has no revision after it to
-- seal it.
alter table publish.chain_link
drop constraint chain_link_calendar_period_revision_key,
add column is_reopening boolean not null default false,
add constraint chain_link_subject_key unique (calendar, period, revision, is_reopening),
add constraint chain_link_reopening_check check (release_id is null or not is_reopening);

-- Reopenings of before follow in the order they were made. What is hashed is what cchc/publishing/chain.py hashes.
do $$
declare
    reopened publish.reopening;
    no integer := coalesce((select max(l.chain_no) from publish.chain_link as l), 0);
    previous text := coalesce(
        (select l.chain_sha256 from publish.chain_link as l order by l.chain_no desc limit 1), repeat('0', 64)
    );
    sealed jsonb;
begin
    for reopened in select o.* from publish.reopening as o order by o.reopened_at, o.calendar, o.period, o.revision
    loop
        no := no + 1;
        sealed := jsonb_build_array(
            no, reopened.calendar, reopened.period, reopened.revision, reopened.reopened_at at time zone 'UTC',
            reopened.reopened_by, reopened.reason, previous
        );
        insert into publish.chain_link (
            chain_no, calendar, period, revision, is_reopening, previous_sha256, chain_sha256
        )
        values (
            no, reopened.calendar, reopened.period, reopened.revision, true, previous,
            encode(sha256(convert_to(sealed::text, 'UTF8')), 'hex')
        )
        returning chain_sha256 into previous;
    end loop;
end
$$;

create function publish.refuse_release_change() returns trigger
language plpgsql as $$
begin
    raise exception using message = 'what was published is never changed: publish again (table '
        || tg_table_schema || '.' || tg_table_name || ')';
end
$$;

create trigger release_stands before update or delete or truncate on publish.release
for each statement execute function publish.refuse_release_change();
create trigger indicator_value_stands before update or delete or truncate on publish.indicator_value
for each statement execute function publish.refuse_release_change();
create trigger chain_link_stands before delete or truncate on publish.chain_link
for each statement execute function publish.refuse_release_change();
-- a link is sealed once, in the transaction that adds it
create trigger chain_link_sealed before update on publish.chain_link
for each row when (old.chain_sha256 is not null) execute function publish.refuse_release_change();
