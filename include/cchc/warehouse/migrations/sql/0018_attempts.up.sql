-- Who may write what a pull brings: the last attempt at a source, until the pulls of its run have been judged.
create table ops.attempt (
    run_id uuid not null references ops.run,
    source_code text not null,
    number integer not null check (number > 0),
    begun_at timestamptz not null default clock_timestamp(),
    seconds double precision, -- how long the pull took; null while it has no outcome
    primary key (run_id, source_code)
);

alter table ops.run add column pulls_ended_at timestamptz;
update ops.run set pulls_ended_at = finished_at;
