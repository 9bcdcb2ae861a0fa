alter table core.source add column listed smallint not null default 0;
comment on column core.source.listed
is 'Place among the sources of its unit in the catalogue: of one dossier in two of them the first counts.';
create index source_unit on core.source (unit_code);
