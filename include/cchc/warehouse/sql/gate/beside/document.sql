-- Beside each message about other documents: those of them that nobody knows, from this night or before, and those that
-- came from another sender (what went out, the unit sent itself).
select
    told.delivery_id,
    told.row_no,
    string_agg(told.document_code, ', ' order by told.document_code) filter (where not told.is_known)
        as unknown_documents,
    string_agg(told.document_code, ', ' order by told.document_code) filter (where told.is_known)
        as documents_of_others
from (
    select
        r.delivery_id,
        r.row_no,
        a.document_code,
        tonight.document_code is not null or c.document_code is not null as is_known,
        case
            when r.direction <> 'in' then false
            when c.document_code is not null then (c.counterpart is distinct from r.counterpart)
            else array_position(tonight.senders, r.counterpart) is null
        end as is_of_another
    from stg.document as r
    cross join lateral unnest(string_to_array(r.concerns, ';')) as a (document_code)
    left join (
        select
            d.unit_code,
            d.source_code,
            d.direction,
            d.document_code,
            array_agg(distinct d.counterpart) as senders
        from stg.document as d
        where d.run_id = '{run_id}'
        group by d.unit_code, d.source_code, d.direction, d.document_code
    ) as tonight
        on
            r.unit_code = tonight.unit_code and r.source_code = tonight.source_code
            and r.direction = tonight.direction and a.document_code = tonight.document_code
    left join core.document as c
        on
            r.unit_code = c.unit_code and r.source_code = c.source_code
            and r.direction = c.direction and a.document_code = c.document_code
    where r.run_id = '{run_id}'
) as told
where not told.is_known or told.is_of_another
group by told.delivery_id, told.row_no
