"""One module per kind of source; `cchc.sources.registry` knows them all."""
