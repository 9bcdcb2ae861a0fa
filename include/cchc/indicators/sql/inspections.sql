-- Findings of inspections of some units up to a day, the newest inspection first; of one that stands in two registers the
-- newest word.
select
    f.unit_code,
    f.inspection_code,
    f.finding_code,
    f.inspected_on,
    f.inspector,
    f.topic,
    f.finding_kind,
    f.summary,
    f.due_on,
    f.done_on,
    f.evidence
from (
    select distinct on (i.inspected_unit, i.inspection_code, i.finding_code)
        i.inspected_unit as unit_code,
        i.inspection_code,
        i.finding_code,
        i.inspected_on,
        i.inspector,
        i.topic,
        i.finding_kind,
        i.summary,
        i.due_on,
        i.done_on,
        i.evidence
    from core.inspection as i
    where i.inspected_unit = any(:units) and i.inspected_on <= :last_day
    order by
        i.inspected_unit asc, i.inspection_code asc, i.finding_code asc, i.pulled_at desc, i.unit_code asc, i.source_code asc
) as f
order by f.inspected_on desc, f.inspection_code asc, f.unit_code asc, f.finding_code asc
