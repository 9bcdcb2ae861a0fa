-- Review events: a procedure counts once a day, also where two registers state the review.
select
    r.unit_code,
    r.reviewed_on as day,
    e.measure_code,
    r.procedure_code,
    '' as intake,
    '' as channel,
    '' as online_level,
    1 as value,
    r.source_code,
    r.procedure_code || ' ' || r.reviewed_on as record_code,
    r.delivery_id,
    r.row_no,
    jsonb_build_object('reviewed', r.reviewed_on) as dates
from (
    select distinct on (v.unit_code, v.procedure_code, v.reviewed_on) v.*
    from core.procedure_review as v
    order by v.unit_code asc, v.procedure_code asc, v.reviewed_on asc, v.shorter_term_proposed desc, v.source_code asc
) as r
cross join
    lateral (
        values
        ('procedures_reviewed', true),
        ('shorter_term_proposed', r.shorter_term_proposed)
    ) as e (measure_code, counts)
where e.counts
