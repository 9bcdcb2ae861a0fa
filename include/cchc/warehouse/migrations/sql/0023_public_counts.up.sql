-- What each release said to the public, so that the next ones do not tell what it withheld.
create table publish.public_counts (
    release_id text primary key references publish.release,
    ended jsonb not null, -- of periods that no earlier release had said anything of after their end
    to_date jsonb not null -- of periods up to the reporting day
);

create trigger public_counts_stands before update or delete or truncate on publish.public_counts
for each statement execute function publish.refuse_release_change();
