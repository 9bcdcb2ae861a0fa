-- A procedure of these changed: when the terms of its dossiers end is to be worked out again.
update core.dossier as d
set own_due_stale = true
from load_plan as good
where
    good.effect in ('insert', 'update')
    and d.unit_code = good.unit_code
    and d.procedure_code = good.procedure_code
    and not d.own_due_stale
