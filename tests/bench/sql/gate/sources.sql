-- Beside the system of its dossiers (places.sql) every unit has a document system and registers, and one unit in four a second
-- system of dossiers that holds one dossier in five of the first, one in 200 of them with another due day.
insert into core.source (source_code, unit_code, profile_code, kind, title, on_time_rule, expected, listed)
select
    p.source_code || s.suffix,
    p.unit_code,
    'bench',
    s.kind,
    'bench',
    'written',
    true,
    s.listed
from bench.place as p
cross join (
    values ('-second', 'national', 2), ('-documents', 'edxml', null), ('-registers', 'files', null)
) as s (suffix, kind, listed)
where p.place_no % 4 = 0 or s.suffix <> '-second';

insert into core.dossier (unit_code, source_code, {columns}, own_due_at, own_due_stale, row_hash, delivery_id, row_no, pulled_at)
select
    d.unit_code,
    d.source_code || '-second',
    {columns},
    d.own_due_at,
    false,
    d.row_hash,
    d.delivery_id,
    -d.row_no,
    d.pulled_at
from core.dossier as d
inner join bench.place as p on d.unit_code = p.unit_code and d.source_code = p.source_code
where p.place_no % 4 = 0 and d.row_no % 5 = 0;

update core.dossier
set due_at = due_at + interval '3 days'
where row_no < 0 and row_no % 1000 = 0;

-- the documents of the nights before: of tonight's every second one is known
insert into core.document (
    unit_code, source_code, document_code, direction, registered_on, form, is_signed, action, row_hash, delivery_id, row_no,
    pulled_at
)
select
    p.unit_code,
    p.source_code || '-documents',
    'H14.' || p.place_no || ',2026/11/' || lpad((1 + g.n / 100 % 13)::text, 2, '0') || ',' || g.n || '/VB',
    case when g.n % 3 = 0 then 'out' else 'in' end,
    date '2026-11-01' + (g.n / 100 % 13)::integer,
    'electronic',
    true,
    'new',
    decode(md5('known' || g.n), 'hex'),
    '00000000-0000-0000-0000-000000000001',
    g.n,
    timestamptz '2026-11-14 01:30+07'
from generate_series(1, 400000) as g (n)
inner join bench.place as p on p.place_no = g.n % (select count(*) from bench.place)
where g.n % 2 = 0;

insert into core.reported_measure (
    unit_code, source_code, measure_code, period_from, period_to, value, row_hash, delivery_id, row_no, pulled_at
)
select
    p.unit_code,
    p.source_code || '-registers',
    r.measure_code,
    m.first_day::date,
    (m.first_day + interval '1 month')::date - 1,
    r.value,
    decode(md5(r.measure_code || m.first_day), 'hex'),
    '00000000-0000-0000-0000-000000000001',
    1,
    timestamptz '2026-11-14 01:30+07'
from bench.place as p
cross join generate_series(timestamp '2025-01-01', timestamp '2026-09-01', interval '1 month') as m (first_day)
cross join (
    values
    ('received', 100), ('received_online', 60), ('received_direct', 40), ('carried_over', 20), ('to_handle', 120),
    ('finished', 100), ('finished_early', 50), ('finished_on_time', 45), ('finished_late', 5), ('in_process', 20),
    ('in_process_within_term', 18), ('overdue_in_process', 2)
) as r (measure_code, value)
