-- The dossiers received in a period in one of two systems of their unit (the one the catalogue lists first, and another),
-- each with whether the other system has it too (received whenever), and in which fields that both state they differ.
with pairs as (
    select
        a.unit_code,
        a.source_code as first_source,
        b.source_code as second_source
    from core.source as a
    inner join core.source as b on a.unit_code = b.unit_code and a.listed < b.listed
    where a.unit_code = any(:units)
),

asked as (
    select
        p.unit_code,
        p.first_source,
        p.second_source,
        d.dossier_code
    from pairs as p
    inner join core.dossier as d
        on p.unit_code = d.unit_code and d.source_code in (p.first_source, p.second_source)
    where
        d.received_at >= cast(:start as date)::timestamp at time zone 'Asia/Ho_Chi_Minh'
        and d.received_at < (cast(:end as date) + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh'
    group by p.unit_code, p.first_source, p.second_source, d.dossier_code
)

select
    asked.unit_code,
    asked.first_source,
    asked.second_source,
    asked.dossier_code,
    coalesce(one.channel, other.channel) as channel,
    case
        when other.dossier_code is null then 'only_first'
        when one.dossier_code is null then 'only_second'
        else 'both'
    end as found,
    array(
        select field.name
        from jsonb_each(to_jsonb(one)) as field (name, value)
        where
            one.dossier_code is not null and other.dossier_code is not null
            and field.name = any(:fields) and field.value <> 'null'
            and to_jsonb(other) -> field.name not in (field.value, 'null')
        order by array_position(cast(:fields as text[]), field.name)
    ) as differing
from asked
left join core.dossier as one
    on
        asked.unit_code = one.unit_code and asked.first_source = one.source_code
        and asked.dossier_code = one.dossier_code
left join core.dossier as other
    on
        asked.unit_code = other.unit_code and asked.second_source = other.source_code
        and asked.dossier_code = other.dossier_code
order by asked.unit_code, asked.first_source, asked.second_source, asked.dossier_code
