-- Dossiers that stand in more than one system, each pair once: the one the catalogue lists first, what becomes of the two
-- in the counts (as sql/mart/dossier.sql counts them), and the fields in which they differ.
with twice as (
    select d.dossier_code
    from core.dossier as d
    group by d.dossier_code
    having count(*) > 1
),

standing as (
    select
        d.unit_code,
        d.source_code,
        d.dossier_code,
        d.procedure_code,
        s.listed,
        (
            select jsonb_object_agg(field.name, field.value)
            from jsonb_each(to_jsonb(d)) as field (name, value)
            where field.name = any(:fields)
        ) as content
    from twice as t
    inner join core.dossier as d on t.dossier_code = d.dossier_code
    left join core.source as s on d.source_code = s.source_code
)

select
    a.dossier_code,
    a.unit_code,
    a.source_code,
    b.unit_code as other_unit,
    b.source_code as other_source,
    case
        when a.unit_code <> b.unit_code then 'each_unit'
        when a.procedure_code <> b.procedure_code then 'each_system'
        else 'once'
    end as counted,
    array(
        select field.name
        from jsonb_each(a.content) as field (name, value)
        where field.value is distinct from b.content -> field.name
        order by array_position(cast(:fields as text[]), field.name)
    ) as differing
from standing as a
inner join standing as b
    on
        a.dossier_code = b.dossier_code
        and (a.unit_code, coalesce(a.listed, 32767), a.source_code)
        < (b.unit_code, coalesce(b.listed, 32767), b.source_code)
where a.unit_code = any(:units) or b.unit_code = any(:units)
order by a.unit_code, a.dossier_code, a.source_code, b.unit_code, b.source_code
