-- Beside each status message: whether the document it speaks of is known, from this night or before.
select
    r.delivery_id,
    r.row_no,
    tonight.document_code is not null or exists (
        select 1 from core.document as c
        where
            c.unit_code = r.unit_code and c.source_code = r.source_code and c.direction in ('in', 'out')
            and c.document_code = r.document_code
    ) as has_document
from stg.document_status as r
left join (
    select distinct
        d.unit_code,
        d.source_code,
        d.document_code
    from stg.document as d
    where d.run_id = '{run_id}'
) as tonight
    on
        r.unit_code = tonight.unit_code and r.source_code = tonight.source_code
        and r.document_code = tonight.document_code
where r.run_id = '{run_id}'
