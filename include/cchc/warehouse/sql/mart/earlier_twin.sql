-- noqa: disable=RF01
-- The same dossier `d` of source `s` (same code and procedure) in a system of its unit that the catalogue lists earlier:
-- where there is one, that one counts and `d` does not. Put in where a statement says so: `cchc.warehouse.sql.counting_once`.
select 1
from core.source as first
inner join core.dossier as twin
    on first.unit_code = twin.unit_code and first.source_code = twin.source_code
where
    first.unit_code = d.unit_code and first.listed < s.listed
    and twin.dossier_code = d.dossier_code
    -- '' keeps PostgreSQL from an index by procedure: without statistics it takes that, and reads all of the procedure
    and twin.procedure_code || '' = d.procedure_code
