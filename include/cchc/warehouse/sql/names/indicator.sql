-- The indicators and the parts of indexes as the catalogue has them now. What has left it keeps its name: it was published.
insert into core.indicator as i (
    set_code, indicator_code, position, set_title, title, unit, better, max_score, basis
)
select
    s.set_code,
    s.indicator_code,
    s.position,
    s.set_title,
    s.title,
    s.unit,
    s.better,
    s.max_score,
    s.basis
from
    jsonb_to_recordset(cast(:said as jsonb)) as s (
        set_code text,
        indicator_code text,
        position integer,
        set_title text,
        title text,
        unit text,
        better text,
        max_score numeric,
        basis text
    )
on conflict (set_code, indicator_code) do update
    set
        position = excluded.position,
        set_title = excluded.set_title,
        title = excluded.title,
        unit = excluded.unit,
        better = excluded.better,
        max_score = excluded.max_score,
        basis = excluded.basis
    where
    (i.position, i.set_title, i.title, i.unit, i.better, i.max_score, i.basis)
    is distinct from (
        excluded.position,
        excluded.set_title,
        excluded.title,
        excluded.unit,
        excluded.better,
        excluded.max_score,
        excluded.basis
    )
