-- Beside each message about other documents: those of them that nobody knows, from this night or before.
select
    r.delivery_id,
    r.row_no,
    string_agg(a.document_code, ', ' order by a.document_code) as unknown_documents
from stg.document as r
cross join lateral unnest(string_to_array(r.concerns, ';')) as a (document_code)
left join (
    select distinct
        d.unit_code,
        d.source_code,
        d.direction,
        d.document_code
    from stg.document as d
    where d.run_id = '{run_id}'
) as tonight
    on
        r.unit_code = tonight.unit_code and r.source_code = tonight.source_code
        and r.direction = tonight.direction and a.document_code = tonight.document_code
left join core.document as c
    on
        r.unit_code = c.unit_code and r.source_code = c.source_code
        and r.direction = c.direction and a.document_code = c.document_code
where r.run_id = '{run_id}' and tonight.document_code is null and c.document_code is null
group by r.delivery_id, r.row_no
