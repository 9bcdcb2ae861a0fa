-- What each release said to the public, so that others do not tell what it withheld.
create table publish.public_counts (
    release_id text primary key references publish.release,
    internal_sha256 text not null, -- of the internal build: the same again is made by what was said before the first time
    ended jsonb not null, -- of periods that had ended, as far as no release had said it yet
    to_date jsonb not null -- of periods up to the reporting day
);

create trigger public_counts_stands before update or delete or truncate on publish.public_counts
for each statement execute function publish.refuse_release_change();
