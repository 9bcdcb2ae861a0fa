-- consistency: dossiers received in the span that stand in two systems of their unit (one code, one procedure: one dossier,
-- as sql/mart/earlier_twin.sql has it). They agree where every field that both state is the same, a time as exactly as the
-- less exact of the two; an empty or unknown field states nothing.
with received as (
    select distinct
        d.unit_code,
        d.dossier_code,
        d.procedure_code
    from core.source as s
    inner join core.dossier as d on s.unit_code = d.unit_code and s.source_code = d.source_code
    where
        d.received_at >= cast(:first_day as date)::timestamp at time zone 'Asia/Ho_Chi_Minh'
        and d.received_at < (cast(:last_day as date) + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh'
        and exists (
            select 1
            from core.source as other
            where other.unit_code = s.unit_code and other.listed <> s.listed
        )
),

compared as (
    select
        a.unit_code,
        a.dossier_code,
        a.procedure_code,
        not exists (
            select 1
            from jsonb_each_text(to_jsonb(a)) as one (name, value)
            inner join jsonb_each_text(to_jsonb(b)) as other (name, value) on one.name = other.name
            cross join
                lateral (
                    values (
                        case
                            when not one.name = any(:moments) then 1000000
                            when
                                array['00:00', '23:59'] && array[substr(one.value, 12, 5), substr(other.value, 12, 5)]
                                then 10 -- the day
                            when '00' in (substr(one.value, 18, 2), substr(other.value, 18, 2)) then 16 -- the minute
                            else 19 -- the second
                        end
                    )
                ) as exact (letters)
            where
                one.name = any(:fields) and one.value <> 'unknown' and other.value <> 'unknown'
                and left(one.value, exact.letters) <> left(other.value, exact.letters)
        ) as agrees
    from received as r
    inner join core.source as s on r.unit_code = s.unit_code
    inner join core.source as t
        on s.unit_code = t.unit_code and (s.listed, s.source_code) < (t.listed, t.source_code)
    inner join core.dossier as a
        on
            s.unit_code = a.unit_code and s.source_code = a.source_code and r.dossier_code = a.dossier_code
            and r.procedure_code = a.procedure_code || '' -- as in earlier_twin.sql: not by an index by procedure
    inner join core.dossier as b
        on
            t.unit_code = b.unit_code and t.source_code = b.source_code and r.dossier_code = b.dossier_code
            and r.procedure_code = b.procedure_code || ''
)

select
    d.unit_code,
    'consistency' as dimension,
    count(*) filter (where d.agrees) as numerator,
    count(*) as denominator,
    cast(null as integer) as oldest_nights
from (
    select
        c.unit_code,
        bool_and(c.agrees) as agrees
    from compared as c
    group by c.unit_code, c.dossier_code, c.procedure_code
) as d
group by d.unit_code
