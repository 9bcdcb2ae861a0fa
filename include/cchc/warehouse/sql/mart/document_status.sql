-- Acknowledgement events: a sent document counts once, on the day its first receiver took it
-- (QCVN 102:2016: 03 received, 04 assigned, 05 in process, 06 done).
select
    f.unit_code,
    f.day,
    'documents_acknowledged' as measure_code,
    '' as procedure_code,
    '' as intake,
    '' as channel,
    '' as online_level,
    1 as value,
    f.source_code,
    f.document_code as record_code,
    f.delivery_id,
    f.row_no,
    jsonb_build_object('acknowledged', f.status_at) as dates
from (
    select distinct on (s.unit_code, s.source_code, s.document_code)
        s.unit_code,
        s.source_code,
        s.document_code,
        s.delivery_id,
        s.row_no,
        s.status_at,
        (s.status_at at time zone 'Asia/Ho_Chi_Minh')::date as day
    from core.document_status as s
    where s.status_code in ('03', '04', '05', '06')
    order by s.unit_code, s.source_code, s.document_code, s.status_at, s.responder, s.status_code
) as f
