-- What the units' registers state of procedures; of several words on one procedure the newest that says anything counts,
-- fact by fact.
with word as (
    select
        p.*,
        row_number() over (
            partition by p.procedure_code order by p.valid_from desc, p.unit_code asc, p.source_code asc
        ) as place
    from core.procedure as p
    where p.procedure_code = any(:codes)
)

select
    w.procedure_code,
    (array_agg(w.title order by w.place) filter (where w.title is not null))[1] as title,
    (array_agg(w.field_code order by w.place) filter (where w.field_code is not null))[1] as field_code,
    (array_agg(w.field_title order by w.place) filter (where w.field_title is not null))[1] as field_title,
    (array_agg(w.online_level order by w.place))[1] as online_level,
    (array_agg(w.term_value order by w.place) filter (where w.term_unit is not null))[1] as term_value,
    (array_agg(w.term_unit order by w.place) filter (where w.term_unit is not null))[1] as term_unit
from word as w
group by w.procedure_code
