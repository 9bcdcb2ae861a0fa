-- Document events: one row for each measure a document counts in. Coming and going count on the day of registration,
-- handling an incoming document within its term on the day it was done; overdue is a stock, +1 the day after the due
-- day, -1 the day it was done.
-- A recall and an update are messages about a document, not documents (one that has the code of its document stands in its
-- place). A document that was recalled or replaced does not count, since it was never to be followed or another one counts for
-- it; the newest update states its term and, of one that went out, its day and form. Whichever came first. Of updates of
-- one day the newer is the one that was pulled later, or stands further down its delivery. Nobody but the sender of a document
-- says such things of it; what went out, the unit sent itself.
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
    jsonb_build_object('registered', t.registered_on, 'due', t.due_on, 'done', d.done_on) as dates
from core.document as d
left join core.source as s on d.source_code = s.source_code
left join (
    select
        m.unit_code,
        m.source_code,
        m.direction,
        a.document_code,
        case when m.direction = 'in' then m.counterpart end as sender,
        bool_or(m.action in ('recall', 'replace')) as is_void,
        array_agg(m.due_on order by m.registered_on desc, l.pulled_at desc, m.row_no desc)
        filter (where m.action = 'update' and m.due_on is not null) as due_on,
        array_agg(m.registered_on order by m.registered_on desc, l.pulled_at desc, m.row_no desc)
        filter (where m.action = 'update' and m.direction = 'out') as registered_on,
        array_agg(m.form order by m.registered_on desc, l.pulled_at desc, m.row_no desc)
        filter (where m.action = 'update' and m.direction = 'out') as form
    from core.document as m
    left join landing.delivery as l on m.delivery_id = l.delivery_id
    cross join lateral unnest(string_to_array(m.concerns, ';')) as a (document_code)
    where m.concerns is not null and a.document_code <> m.document_code
    group by m.unit_code, m.source_code, m.direction, a.document_code, sender
) as about
    on
        d.unit_code = about.unit_code and d.source_code = about.source_code and d.direction = about.direction
        and d.document_code = about.document_code
        and case when d.direction = 'in' then d.counterpart end is not distinct from about.sender
cross join
    lateral (
        select
            coalesce(about.registered_on[1], d.registered_on) as registered_on,
            coalesce(about.due_on[1], d.due_on) as due_on,
            coalesce(about.form[1], d.form) as form
        limit 1
    ) as n
cross join
    lateral (
        select
            n.registered_on,
            n.due_on,
            n.form,
            d.direction = 'in' as is_in,
            d.direction = 'out' as is_out,
            d.direction = 'in' and n.due_on is not null as has_term,
            -- greatest() passes over nulls: without a due day there is no overdue day;
            -- an exchange carries due days, but never says that a document was done
            case
                when n.due_on is not null and coalesce(s.kind, '') <> 'edxml'
                    then greatest(n.due_on + 1, n.registered_on)
            end as overdue_day
        limit 1 -- keeps the planner from working it out again for each measure
    ) as t
cross join
    lateral (
        values
        ('documents_in', t.registered_on, 1, t.is_in),
        ('documents_in_electronic', t.registered_on, 1, t.is_in and t.form in ('electronic', 'parallel')),
        ('documents_in_paper', t.registered_on, 1, t.is_in and t.form = 'paper'),
        ('documents_in_with_due', d.done_on, 1, t.has_term),
        ('documents_in_on_time', d.done_on, 1, t.has_term and d.done_on <= t.due_on),
        ('documents_in_late', d.done_on, 1, t.has_term and d.done_on > t.due_on),
        ('documents_in_overdue', t.overdue_day, 1, t.is_in and (d.done_on is null or d.done_on >= t.overdue_day)),
        ('documents_in_overdue', d.done_on, -1, t.is_in and d.done_on >= t.overdue_day),
        ('documents_out', t.registered_on, 1, t.is_out),
        ('documents_out_electronic_only', t.registered_on, 1, t.is_out and t.form = 'electronic'),
        ('documents_out_parallel', t.registered_on, 1, t.is_out and t.form = 'parallel'),
        ('documents_out_paper', t.registered_on, 1, t.is_out and t.form = 'paper'),
        ('documents_out_signed', t.registered_on, 1, t.is_out and d.is_signed)
    ) as e (measure_code, day, value, counts)
where
    (d.action in ('new', 'replace') or (d.action = 'update' and d.document_code = d.concerns))
    and about.is_void is not true and e.counts and e.day is not null
