-- Document events: one row for each measure a document counts in. Coming and going count on the day of registration,
-- handling an incoming document within its term on the day it was done; overdue is a stock, +1 the day after the due
-- day, -1 the day it was done.
-- Recalls and corrections are messages about a document, not documents.
select
    d.unit_code,
    e.day,
    e.measure_code,
    '' as procedure_code,
    '' as intake,
    '' as channel,
    '' as online_level,
    e.value,
    d.source_code,
    d.document_code as record_code,
    d.delivery_id,
    d.row_no,
    jsonb_build_object('registered', d.registered_on, 'due', d.due_on, 'done', d.done_on) as dates
from core.document as d
left join core.source as s on d.source_code = s.source_code
cross join
    lateral (
        select
            d.direction = 'in' as is_in,
            d.direction = 'out' as is_out,
            d.direction = 'in' and d.due_on is not null as has_term,
            -- greatest() passes over nulls: without a due day there is no overdue day;
            -- an exchange carries due days, but never says that a document was done
            case
                when d.due_on is not null and coalesce(s.kind, '') <> 'edxml'
                    then greatest(d.due_on + 1, d.registered_on)
            end as overdue_day
        limit 1 -- keeps the planner from working it out again for each measure
    ) as t
cross join
    lateral (
        values
        ('documents_in', d.registered_on, 1, t.is_in),
        ('documents_in_electronic', d.registered_on, 1, t.is_in and d.form in ('electronic', 'parallel')),
        ('documents_in_paper', d.registered_on, 1, t.is_in and d.form = 'paper'),
        ('documents_in_with_due', d.done_on, 1, t.has_term),
        ('documents_in_on_time', d.done_on, 1, t.has_term and d.done_on <= d.due_on),
        ('documents_in_late', d.done_on, 1, t.has_term and d.done_on > d.due_on),
        ('documents_in_overdue', t.overdue_day, 1, t.is_in and (d.done_on is null or d.done_on >= t.overdue_day)),
        ('documents_in_overdue', d.done_on, -1, t.is_in and d.done_on >= t.overdue_day),
        ('documents_out', d.registered_on, 1, t.is_out),
        ('documents_out_electronic_only', d.registered_on, 1, t.is_out and d.form = 'electronic'),
        ('documents_out_parallel', d.registered_on, 1, t.is_out and d.form = 'parallel'),
        ('documents_out_paper', d.registered_on, 1, t.is_out and d.form = 'paper'),
        ('documents_out_signed', d.registered_on, 1, t.is_out and d.is_signed)
    ) as e (measure_code, day, value, counts)
where d.action in ('new', 'replace') and e.counts and e.day is not null
