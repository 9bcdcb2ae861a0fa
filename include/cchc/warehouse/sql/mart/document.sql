-- Document events: one row for each measure a document counts in, on the day it was registered.
-- Recalls and corrections are messages about a document, not documents.
select
    d.unit_code,
    d.registered_on as day,
    e.measure_code,
    '' as procedure_code,
    '' as intake,
    '' as channel,
    '' as online_level,
    1 as value,
    d.source_code,
    d.document_code as record_code,
    d.delivery_id,
    d.row_no,
    jsonb_build_object('registered', d.registered_on) as dates
from core.document as d
cross join
    lateral (
        values
        ('documents_in', d.direction = 'in'),
        ('documents_in_electronic', d.direction = 'in' and d.form in ('electronic', 'parallel')),
        ('documents_in_paper', d.direction = 'in' and d.form = 'paper'),
        ('documents_out', d.direction = 'out'),
        ('documents_out_electronic_only', d.direction = 'out' and d.form = 'electronic'),
        ('documents_out_parallel', d.direction = 'out' and d.form = 'parallel'),
        ('documents_out_paper', d.direction = 'out' and d.form = 'paper'),
        ('documents_out_signed', d.direction = 'out' and d.is_signed)
    ) as e (measure_code, counts)
where d.action in ('new', 'replace') and e.counts
