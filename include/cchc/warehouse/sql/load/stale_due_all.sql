-- All procedures of a source are about to be replaced: the terms of their dossiers are to be worked out again.
update core.dossier as d
set own_due_stale = true
from core.procedure as p
where
    p.unit_code = any(:unit_codes)
    and p.source_code = :source_code
    and d.unit_code = p.unit_code
    and d.procedure_code = p.procedure_code
    and not d.own_due_stale
