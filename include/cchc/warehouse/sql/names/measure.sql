-- The measures as the catalogue has them now. What has left it keeps its name: it may still be counted.
insert into core.measure as m (measure_code, title, unit, dataset, kind)
select
    s.measure_code,
    s.title,
    s.unit,
    s.dataset,
    s.kind
from
    jsonb_to_recordset(cast(:said as jsonb)) as s (
        measure_code text, title text, unit text, dataset text, kind text
    )
on conflict (measure_code) do update
    set title = excluded.title, unit = excluded.unit, dataset = excluded.dataset, kind = excluded.kind
    where
    (m.title, m.unit, m.dataset, m.kind)
    is distinct from (excluded.title, excluded.unit, excluded.dataset, excluded.kind)
