-- The documents that counted as come or gone in a span of days, by direction and kind, of some units together, as their
-- systems name the kind: spelled in any case it is one. `record_event` has what a document counts in, and when.
select
    c.direction,
    nullif(lower(regexp_replace(btrim(c.document_type), '\s+', ' ', 'g')), '') as kind,
    sum(c.documents) as documents
from (
    select
        d.direction,
        d.document_type,
        sum(e.value) as documents
    from record_event as e
    inner join core.document as d
        on
            e.unit_code = d.unit_code and e.source_code = d.source_code and e.record_code = d.document_code
            and d.direction = case e.measure_code when 'documents_in' then 'in' else 'out' end
    where e.measure_code in ('documents_in', 'documents_out') and e.day between :first_day and :last_day
    group by d.direction, d.document_type
) as c
group by 1, 2
order by c.direction asc, documents desc, kind asc
