-- A night's batch of :rows rows over all datasets, 70 in 100 of them dossiers: the newest of the warehouse, one in seven of
-- them new. One row in 100 breaks a rule. Everything follows from the number of the row.
insert into stg.dossier (run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, cast_errors, {columns})
select
    cast(:run_id as uuid),
    md5(d.source_code || 'dossier' || cast(:run_id as text))::uuid,
    d.row_no,
    '1',
    d.unit_code,
    d.source_code,
    d.row_hash,
    case when d.broken = 1 then array['due_at: không đọc được ngày'] end,
    case when d.broken = 2 then 'HS ' || d.row_no when d.row_no % 7 = 0 then d.dossier_code || '9' else d.dossier_code end,
    case when d.broken = 3 then null else d.procedure_code end,
    d.field_code,
    d.intake,
    case when d.broken = 4 then 'fax' else d.channel end,
    case when d.broken = 5 then '5' else d.online_level end,
    case when d.broken = 6 then 'lost' else d.status end,
    case when d.broken = 7 then timestamptz '2026-11-20 08:00+07' else d.received_at end,
    case when d.broken = 1 then null else d.due_at end,
    case when d.broken = 8 then d.received_at - interval '3 days' else d.finished_at end,
    case when d.broken = 8 then null else least(d.returned_at, timestamptz '2026-11-14 20:00+07') end,
    d.supplement_at,
    d.supplement_completed_at,
    d.supplement_requests,
    d.extended_at,
    d.post_in,
    d.post_out,
    d.paid_online,
    d.has_duty,
    d.electronic_result,
    d.has_result and d.broken <> 9,
    least(d.apology_at, timestamptz '2026-11-14 20:00+07'),
    d.components_digitised,
    d.data_reused,
    d.personal_store,
    d.citizen_data,
    d.dissatisfied
from (
    select
        c.*,
        case when c.row_no % 100 = 0 then 1 + abs(c.row_no) / 100 % 9 else 0 end as broken
    from core.dossier as c
    where c.delivery_id = '00000000-0000-0000-0000-000000000001'
    order by abs(c.row_no) desc, c.row_no desc
    limit cast(:rows as bigint) * 70 / 100
) as d;

insert into stg.document (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, document_code, direction, registered_on, form,
    is_signed, document_type, counterpart, action, due_on, done_on
)
select
    cast(:run_id as uuid),
    md5(p.source_code || 'document' || cast(:run_id as text))::uuid,
    g.n,
    '1',
    p.unit_code,
    p.source_code || '-documents',
    decode(md5(g.n::text), 'hex'),
    'H14.' || p.place_no || ',2026/11/' || lpad((1 + g.n / 100 % 13)::text, 2, '0') || ',' || g.n || '/VB',
    case when g.n % 3 = 0 then 'out' else 'in' end,
    date '2026-11-01' + (g.n / 100 % 13)::integer + case when g.n % 200 = 7 then 30 else 0 end,
    (array['electronic', 'electronic', 'electronic', 'parallel', 'paper'])[1 + g.n % 5],
    g.n % 5 < 4,
    (array['công văn', 'quyết định', 'báo cáo', 'tờ trình'])[1 + g.n % 4],
    case when g.n % 100 = 8 then '14.H05' else 'H' || lpad((1 + g.n % 63)::text, 2, '0') || '.' || lpad((g.n % 40)::text, 2, '0') end,
    case when g.n % 200 = 9 then 'burn' else (array['new', 'new', 'new', 'update', 'replace', 'recall'])[1 + g.n % 6] end,
    case when g.n % 3 > 0 then date '2026-11-10' + (g.n / 100 % 13)::integer end,
    case when g.n % 3 = 1 then date '2026-11-14' end
from generate_series(1, cast(:rows as bigint) * 15 / 100) as g (n)
inner join bench.place as p on p.place_no = g.n % (select count(*) from bench.place);

insert into stg.document_status (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, document_code, responder, status_code, status_at
)
select
    cast(:run_id as uuid),
    md5(p.source_code || 'document_status' || cast(:run_id as text))::uuid,
    g.n,
    '1',
    p.unit_code,
    p.source_code || '-documents',
    decode(md5(g.n::text), 'hex'),
    case
        when d.n % 200 = 3 then 'H14.99,2026/11/01,' || d.n || '/VB'
        else 'H14.' || p.place_no || ',2026/11/' || lpad((1 + d.n / 100 % 13)::text, 2, '0') || ',' || d.n || '/VB'
    end,
    case when g.n % 200 = 5 then 'Sở Nội vụ' else 'H14.' || lpad((g.n % 60)::text, 2, '0') end,
    (array['01', '03', '04', '05', '06'])[1 + g.n % 5],
    timestamptz '2026-11-13 08:00+07' + g.n % 600 * interval '1 minute'
from generate_series(1, cast(:rows as bigint) * 10 / 100) as g (n)
cross join lateral (select 3 * (1 + g.n / 2) as n) as d
inner join bench.place as p on p.place_no = d.n % (select count(*) from bench.place);

insert into stg.petition (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, petition_code, kind, received_at, due_at,
    answered_at, disliked, complained_again
)
select
    cast(:run_id as uuid),
    md5(p.source_code || 'petition' || cast(:run_id as text))::uuid,
    g.n,
    'so.csv:' || g.n,
    p.unit_code,
    p.source_code || '-registers',
    decode(md5(g.n::text), 'hex'),
    'PAKN-' || g.n,
    case when g.n % 100 = 0 then 'praise' else (array['procedure', 'staff', 'other'])[1 + g.n % 3] end,
    timestamptz '2026-10-01 08:00+07' + g.n % 44 * interval '1 day',
    timestamptz '2026-10-21 17:00+07' + g.n % 44 * interval '1 day',
    case when g.n % 44 < 20 then timestamptz '2026-10-11 17:00+07' + g.n % 44 * interval '1 day' end,
    g.n % 17 = 0,
    g.n % 31 = 0
from generate_series(1, cast(:rows as bigint) * 2 / 100) as g (n)
inner join bench.place as p on p.place_no = g.n % (select count(*) from bench.place);

insert into stg.reported_measure (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, measure_code, period_from, period_to, value
)
select
    cast(:run_id as uuid),
    md5(p.source_code || 'reported_measure' || cast(:run_id as text))::uuid,
    row_number() over (partition by p.unit_code order by m.first_day, r.measure_code),
    'so.csv:' || row_number() over (partition by p.unit_code order by m.first_day, r.measure_code),
    p.unit_code,
    p.source_code || '-registers',
    decode(md5(r.measure_code || m.first_day), 'hex'),
    r.measure_code,
    m.first_day::date,
    (m.first_day + interval '1 month')::date - 1,
    r.value + (r.measure_code = 'to_handle' and p.place_no % 9 = 0)::integer
from bench.place as p
cross join generate_series(
    timestamp '2026-10-01' - greatest(cast(:rows as bigint) * 2 / 100 / (12 * (select count(*) from bench.place)), 1)
        * interval '1 month',
    timestamp '2026-10-01',
    interval '1 month'
) as m (first_day)
cross join (
    values
    ('received', 100), ('received_online', 60), ('received_direct', 40), ('carried_over', 20), ('to_handle', 120),
    ('finished', 100), ('finished_early', 50), ('finished_on_time', 45), ('finished_late', 5), ('in_process', 20),
    ('in_process_within_term', 18), ('overdue_in_process', 2)
) as r (measure_code, value);

insert into stg.procedure (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, procedure_code, valid_from, field_code,
    level_scheme, online_level, term_value, term_unit, needs_result, has_fee, for_citizens, content_full
)
select
    cast(:run_id as uuid),
    md5(h.source_code || 'procedure' || cast(:run_id as text))::uuid,
    h.n,
    'so.csv:' || h.n,
    h.unit_code,
    h.source_code || '-registers',
    decode(md5(h.unit_code || h.procedure_code), 'hex'),
    h.procedure_code,
    date '2020-01-01',
    h.field_code,
    'nd42',
    h.online_level,
    case when h.n % 100 = 0 then 0 else h.term end,
    'working_day',
    true,
    h.n % 3 = 0,
    h.n % 2 = 0,
    true
from (
    select
        a.*,
        p.source_code,
        row_number() over (order by a.procedure_no, a.unit_code) as n
    from bench.handled as a
    inner join bench.place as p on a.unit_code = p.unit_code
) as h
where h.n <= cast(:rows as bigint) * 8 / 1000;

insert into stg.procedure_review (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, procedure_code, reviewed_on, shorter_term_proposed
)
select
    run_id,
    md5(source_code || 'procedure_review' || cast(:run_id as text))::uuid,
    row_no,
    page,
    unit_code,
    source_code,
    row_hash,
    procedure_code,
    date '2026-06-30',
    row_no % 2 = 0
from stg.procedure
where run_id = cast(:run_id as uuid) and row_no % 8 = 1;

insert into stg.official_score (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, department_code, group_code, component_code,
    period_from, period_to, numerator, denominator, ratio, score, max_score
)
select
    cast(:run_id as uuid),
    md5('portal' || cast(:run_id as text))::uuid,
    g.n,
    '1',
    'H14',
    'portal',
    decode(md5(g.n::text), 'hex'),
    'H14.' || g.n / 20,
    'progress',
    g.n % 20,
    date '2026-10-01',
    date '2026-10-31',
    80,
    100,
    80,
    case when g.n % 100 = 0 then 30 else 16 end,
    20
from generate_series(1, cast(:rows as bigint) / 1000) as g (n);

insert into landing.delivery (
    delivery_id, unit_code, source_code, dataset, window_from, window_to, path, sha256, bytes, received, refused, landed,
    profile_code, pulled_at
)
select
    s.delivery_id,
    s.unit_code,
    s.source_code,
    s.dataset,
    date '2026-10-15',
    date '2026-11-14',
    '',
    '',
    0,
    s.staged,
    0,
    s.staged,
    '',
    timestamptz '2026-11-15 01:30+07'
from ({deliveries}) as s;

insert into landing.run_delivery (run_id, delivery_id)
select
    cast(:run_id as uuid),
    s.delivery_id
from ({deliveries}) as s;

-- what the same sources brought in the six nights before, and was believed
insert into landing.delivery (
    delivery_id, unit_code, source_code, dataset, window_from, window_to, path, sha256, bytes, received, refused, landed,
    profile_code, pulled_at
)
select
    md5(s.delivery_id || 'ago' || g.ago)::uuid,
    s.unit_code,
    s.source_code,
    s.dataset,
    date '2026-10-15' - g.ago,
    date '2026-11-14' - g.ago,
    '',
    '',
    0,
    s.staged + g.ago,
    0,
    s.staged + g.ago,
    '',
    timestamptz '2026-11-15 01:30+07' - g.ago * interval '1 day'
from ({deliveries}) as s
cross join generate_series(1, 6) as g (ago);

insert into ops.load_ledger (
    delivery_id, mapping_version, pulled_at, unit_code, run_id, received, inserted, updated, unchanged, quarantined, refused
)
select
    md5(s.delivery_id || 'ago' || g.ago)::uuid,
    'bench',
    timestamptz '2026-11-15 01:30+07' - g.ago * interval '1 day',
    s.unit_code,
    cast(:run_id as uuid),
    s.staged + g.ago,
    0,
    0,
    s.staged + g.ago,
    0,
    0
from ({deliveries}) as s
cross join generate_series(1, 6) as g (ago)
