-- How many dossiers of a span of days state each field that a source may leave out, by unit; each counts once, as in the marts.
select
    d.unit_code,
    count(d.electronic_result) as electronic_result,
    count(d.components_digitised) as components_digitised,
    count(d.data_reused) as data_reused,
    count(d.personal_store) as personal_store,
    count(d.citizen_data) as citizen_data,
    count(d.dissatisfied) as dissatisfied,
    count(d.paid_online) as paid_online,
    count(d.has_duty) as has_duty,
    count(d.post_in) as post_in,
    count(d.post_out) as post_out,
    count(d.apology_at) as apology_at
from core.dossiers_of(:first_day, :last_day) as d
left join core.source as s on d.source_code = s.source_code
where
    d.unit_code = any(:units)
    and (coalesce(s.listed, 1) = 1 or not exists ({earlier_twin}))
group by d.unit_code
