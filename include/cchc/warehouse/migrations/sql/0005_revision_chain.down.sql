-- The chain of before knew releases only: it stands as long as no revision lies between two of them.
alter table publish.release
add column chain_no integer unique check (chain_no > 0),
add column previous_sha256 text,
add column values_sha256 text,
add column chain_sha256 text unique;

update publish.release as r
set
    chain_no = l.chain_no,
    previous_sha256 = l.previous_sha256,
    values_sha256 = l.values_sha256,
    chain_sha256 = l.chain_sha256
from publish.chain_link as l
where r.release_id = l.release_id;

alter table publish.release
alter column chain_no set not null,
alter column previous_sha256 set not null;

drop table publish.chain_link;
