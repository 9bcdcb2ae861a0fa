-- The dossiers of a period that came, went or changed between two revisions; :later null: against what core holds now;
-- :unit null: of all units.
with before as (
    select
        r.unit_code,
        r.source_code,
        r.dossier_code,
        r.row_hash
    from publish.closed_record as r
    where r.calendar = :calendar and r.period = :period and r.revision = :earlier
),

after as (
    select
        r.unit_code,
        r.source_code,
        r.dossier_code,
        r.row_hash
    from publish.closed_record as r
    where r.calendar = :calendar and r.period = :period and r.revision = :later
    union all
    select
        d.unit_code,
        d.source_code,
        d.dossier_code,
        d.row_hash
    from core.dossiers_of(:period_from, :period_to) as d
    where cast(:later as integer) is null
)

select
    coalesce(a.unit_code, b.unit_code) as unit_code,
    coalesce(a.source_code, b.source_code) as source_code,
    coalesce(a.dossier_code, b.dossier_code) as dossier_code,
    case when b.row_hash is null then 'came' when a.row_hash is null then 'went' else 'changed' end as change
from before as b
full join after as a
    on b.unit_code = a.unit_code and b.source_code = a.source_code and b.dossier_code = a.dossier_code
where
    b.row_hash is distinct from a.row_hash
    and (cast(:unit as text) is null or coalesce(a.unit_code, b.unit_code) = :unit)
order by 1, 2, 3
