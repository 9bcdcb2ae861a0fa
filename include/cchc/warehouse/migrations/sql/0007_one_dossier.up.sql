alter table core.source add column listed smallint;
comment on column core.source.listed
is 'Place in the catalogue among the sources of dossiers of its unit: of one dossier in two of them the first counts.';
