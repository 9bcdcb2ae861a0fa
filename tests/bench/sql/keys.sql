-- What deliveries change: every dossier of the last two months, and one in twenty of the earlier ones. A table of its own:
-- an index on core.dossier that the product does not have would be measured too.
create table bench.known as
select
    d.row_no as dossier_no,
    d.unit_code,
    d.source_code,
    d.dossier_code
from core.dossier as d
where d.row_no > :size - 250000 or d.row_no % 20 = 0;

create unique index known_no on bench.known (dossier_no)
