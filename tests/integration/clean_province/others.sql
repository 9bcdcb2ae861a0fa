-- Documents that came in and went out, electronic, on paper and both, with every way of writing who the other side is.
insert into stg.document (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, document_code, direction, registered_on, form,
    is_signed, document_type, counterpart, action, due_on, done_on
)
select
    cast(:run_id as uuid),
    md5('u' || lpad(d.n::text, 2, '0') || '-vanban' || 'document')::uuid,
    d.i,
    '1',
    'U' || lpad(d.n::text, 2, '0'),
    'u' || lpad(d.n::text, 2, '0') || '-vanban',
    decode(md5(d.i::text), 'hex'),
    -- one that came in bears the code that its sender gave it
    case when d.direction = 'out' then 'H14.' || d.n else (array['H14.01', 'G09', '000.00.00.H14'])[1 + d.i % 3] end
    || to_char(d.registered_on, ',YYYY/MM/DD,') || d.i || '/VB-' || d.i % 7,
    d.direction,
    d.registered_on,
    d.form,
    case when d.form = 'paper' then (array[false, null])[1 + d.i % 2] else (array[true, false, null])[1 + d.i % 3] end,
    case when d.i % 5 > 0 then (array['công văn', 'quyết định', 'báo cáo', 'tờ trình'])[1 + d.i % 4] end,
    (array[
        'H14.05', 'H14.05.12', 'H14.273.1.4096', 'G09', 'A12.345', '000.00.05.H14', '00.00.05.H14', 'Sở Nội vụ',
        'UBND xã Hòa An', null, '', 'H01.99'
    ])[1 + d.i % 12],
    (array['new', 'recall', 'update', 'replace'])[1 + d.i / 6 % 4],
    (array[null, d.registered_on, d.registered_on + 1, d.registered_on + 60])[1 + d.i / 5 % 4],
    (array[null, d.registered_on, date '2026-09-03'])[1 + d.i / 7 % 3]
from (
    select
        g.i,
        1 + floor(80 * power(g.i * 7919 % 100003 / 100003.0, 1.7))::integer as n,
        (array['in', 'out'])[1 + g.i % 2] as direction,
        (array['electronic', 'paper', 'parallel'])[1 + g.i / 2 % 3] as form,
        case when g.i % 40 = 0 then date '2000-01-01' + g.i % 9000 else date '2026-09-03' - g.i / 4 % 4 end as registered_on
    from generate_series(1, 18000) as g (i)
) as d;

-- every document of core went out from one unit and came in at another
insert into core.document (
    unit_code, source_code, document_code, direction, registered_on, form, action, row_hash, delivery_id, row_no, pulled_at
)
select
    u.unit_code,
    u.source_code,
    'H14.' || g.n || ',2026/08/20,' || g.n || '/CV',
    u.direction,
    date '2026-08-20',
    'electronic',
    'new',
    decode(md5(g.n::text), 'hex'),
    '00000000-0000-0000-0000-000000000001',
    g.n,
    timestamptz '2026-08-21 01:30+07'
from generate_series(1, 80) as g (n)
cross join lateral (
    values
    ('U' || lpad(g.n::text, 2, '0'), 'u' || lpad(g.n::text, 2, '0') || '-vanban', 'out'),
    ('U' || lpad((1 + g.n % 80)::text, 2, '0'), 'u' || lpad((1 + g.n % 80)::text, 2, '0') || '-vanban', 'in')
) as u (unit_code, source_code, direction);

-- statuses of tonight's documents and of earlier ones
insert into stg.document_status (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, document_code, responder, status_code, status_at
)
select
    cast(:run_id as uuid),
    md5(d.source_code || 'document_status')::uuid,
    row_number() over (order by d.document_code, d.source_code, c.place),
    '1',
    d.unit_code,
    d.source_code,
    decode(md5(d.document_code || c.place), 'hex'),
    d.document_code,
    (array['H14.05', 'H14.273.1', 'G09', '000.00.05.H14', '00.01.05.H14', 'A12.3456'])[1 + (c.place + length(d.document_code)) % 6],
    c.status_code,
    timestamptz '2026-09-03 23:59:59+07' - c.place * interval '7 hours'
from (
    select unit_code, source_code, document_code from stg.document where direction = 'out' and row_no < 2460
    union all
    select unit_code, source_code, document_code from core.document where direction = 'out'
) as d
cross join unnest(array['01', '02', '03', '04', '05', '06', '13', '15', '16']) with ordinality as c (status_code, place);

insert into stg.petition (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, petition_code, kind, received_at, due_at,
    answered_at, disliked, complained_again
)
select
    cast(:run_id as uuid),
    md5('u' || lpad(d.n::text, 2, '0') || '-sotay' || 'petition')::uuid,
    d.i,
    'pakn.csv:' || d.i,
    'U' || lpad(d.n::text, 2, '0'),
    'u' || lpad(d.n::text, 2, '0') || '-sotay',
    decode(md5(d.i::text), 'hex'),
    (array['PAKN-', 'PAKN.20260903.', ''])[1 + d.i % 3] || d.i,
    (array['procedure', 'staff', 'other'])[1 + d.i % 3],
    d.received_at,
    (array[null, d.received_at, d.received_at + interval '15 days', timestamptz '2026-12-31 00:00+07'])[1 + d.i / 5 % 4],
    (array[null, d.received_at, least(d.received_at + interval '9 days', timestamptz '2026-09-03 23:59:59+07')])[1 + d.i / 7 % 3],
    (array[true, false, null])[1 + d.i / 11 % 3],
    (array[true, false, null])[1 + d.i / 13 % 3]
from (
    select
        g.i,
        1 + g.i % 80 as n,
        case
            when g.i % 50 = 0 then timestamptz '2000-01-01 00:00+07' + g.i * interval '1 day'
            else timestamptz '2026-09-03 23:59:59+07' - g.i % 90 * interval '11 hours'
        end as received_at
    from generate_series(1, 3200) as g (i)
) as d;

insert into stg.procedure (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, procedure_code, valid_from, valid_to, field_code,
    level_scheme, online_level, term_value, term_unit, cutoff, needs_result, has_fee, for_citizens, announced_on,
    announce_due_on, published_on, publish_due_on, content_full
)
select
    cast(:run_id as uuid),
    md5('u' || lpad(d.n::text, 2, '0') || '-sotay' || 'procedure')::uuid,
    d.i,
    'tthc.xlsx row ' || d.i,
    'U' || lpad(d.n::text, 2, '0'),
    'u' || lpad(d.n::text, 2, '0') || '-sotay',
    decode(md5(d.i::text), 'hex'),
    '1.' || lpad((d.i / 160 * 80 + d.n)::text, 6, '0'), -- each in two versions
    d.valid_from,
    case when d.i / 80 % 2 = 0 then (array[d.valid_from, d.valid_from + 400])[1 + d.i % 2] end,
    'F' || d.i % 5,
    (array['tt32', 'nd42', null])[1 + d.i % 3],
    (array['1', '2', '3', '4', 'partial', 'full', 'unknown'])[1 + d.i % 7],
    (array[0.5, 1, 15, 120, null])[1 + d.i % 5],
    (array['hour', 'day', 'working_day', 'month', null])[1 + d.i / 2 % 5],
    (array[time '15:00', null])[1 + d.i % 2],
    (array[true, false, null])[1 + d.i % 3],
    (array[true, false, null])[1 + d.i / 3 % 3],
    (array[true, false, null])[1 + d.i / 5 % 3],
    case when d.i % 4 = 0 then date '2026-09-03' end,
    case when d.i % 2 = 0 then date '2026-08-01' + d.i % 60 end,
    case when d.i % 6 = 0 then date '2026-08-30' end,
    case when d.i % 3 = 0 then date '2026-08-01' + d.i % 60 end,
    (array[true, false, null])[1 + d.i / 7 % 3]
from (
    select
        g.i,
        1 + g.i % 80 as n,
        -- some begin to hold after this night
        case when g.i / 80 % 2 = 0 then date '2020-01-01' + g.i else date '2026-10-01' end as valid_from
    from generate_series(1, 1600) as g (i)
) as d;

insert into stg.procedure_review (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, procedure_code, reviewed_on, shorter_term_proposed
)
select
    run_id,
    md5(source_code || 'procedure_review')::uuid,
    row_no,
    page,
    unit_code,
    source_code,
    row_hash,
    procedure_code,
    date '2026-09-03' - (row_no / 80 % 2 * 300)::integer,
    row_no % 3 = 0
from stg.procedure
where row_no % 2 = 0;

-- the register that one office keeps of all others, units that are no more among them
insert into stg.inspection (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, inspection_code, finding_code, inspected_unit,
    inspected_on, inspector, topic, finding_kind, summary, due_on, done_on, evidence
)
select
    cast(:run_id as uuid),
    md5('u01-sotay' || 'inspection')::uuid,
    d.i,
    'so_kiem_tra.xlsx row ' || d.i,
    'U01',
    'u01-sotay',
    decode(md5(d.i::text), 'hex'),
    'KT-' || d.i / 6,
    'KL-' || d.i % 6,
    'U' || lpad((1 + d.i / 6 % 86)::text, 2, '0'),
    d.inspected_on,
    'Đoàn kiểm tra số ' || d.i % 3,
    (array['planning', 'procedures', 'one_stop', 'documents', 'archive', 'discipline', 'finance', 'it', 'other'])[1 + d.i % 9],
    d.finding_kind,
    'Kết luận số ' || d.i,
    case
        when d.finding_kind = 'recommendation' or d.i % 2 = 0 then d.inspected_on + (array[0, 30, 1826])[1 + d.i / 3 % 3]
    end,
    d.done_on,
    case when d.done_on is not null or d.i % 4 = 0 then 'Báo cáo số ' || d.i end
from (
    select
        g.i,
        h.inspected_on,
        (array['finding', 'recommendation', 'commendation'])[1 + g.i % 3] as finding_kind,
        case when g.i % 5 < 3 then least(h.inspected_on + (array[0, 20, 400])[1 + g.i % 5], date '2026-09-03') end as done_on
    from generate_series(1, 600) as g (i)
    cross join lateral (select date '2026-09-03' - g.i / 6 * 9 as inspected_on) as h
) as d;

-- of a group as a whole and of its parts; nothing counted is not known, not zero
insert into stg.official_score (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, department_code, group_code, component_code,
    period_from, period_to, numerator, denominator, ratio, score, max_score, quality
)
select
    cast(:run_id as uuid),
    md5('h14-sotay' || 'official_score')::uuid,
    g.i,
    'diem.csv:' || g.i,
    'H14',
    'h14-sotay',
    decode(md5(g.i::text), 'hex'),
    'H14.' || g.i / 12,
    (array['progress', 'online'])[1 + g.i % 2],
    (array['', 'on_time', 'digitised'])[1 + g.i / 2 % 3],
    (array[date '2026-08-01', date '2026-01-01'])[1 + g.i / 6 % 2],
    date '2026-08-31',
    (array[0, 90, 100, null])[1 + g.i % 4],
    (array[0, 100, 100, null])[1 + g.i % 4],
    (array[null, 90, 100, 100])[1 + g.i % 4],
    (array[0, 18, 20, null])[1 + g.i % 4],
    (array[20, 20, 20, null])[1 + g.i % 4],
    (array['Tốt', null])[1 + g.i % 2]
from generate_series(1, 600) as g (i)
