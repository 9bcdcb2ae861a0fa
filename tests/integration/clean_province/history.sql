-- Tonight's deliveries, made from what is staged, and those of 25 nights before them, which were believed. On a Monday twice as
-- much comes as on a Friday, and nothing on a day off, so that whole nights were empty; one night in nine is lacking, a few
-- offices began lately or are asked for ten days. Tonight's four days are three days off and the Thursday after them. Six
-- small offices bring nothing.
create temporary table weight on commit drop as
select
    c.day,
    (array[1.4, 1.1, 1.0, 0.9, 0.7, 0.5, 0.5])[extract(isodow from c.day)::integer] as work
from core.calendar_day as c
where c.is_working and c.day between date '2026-07-01' and date '2026-09-03';

create temporary table brought on commit drop as
select
    s.*,
    case when o.n % 11 = 3 then date '2026-08-25' else date '2026-08-31' end as window_from,
    case when o.n % 13 = 7 then 2 else 25 end as nights
from (
    {deliveries}
    union all
    select
        md5('u' || g.n || '-motcua' || 'dossier')::uuid,
        'U' || g.n,
        'u' || g.n || '-motcua',
        'dossier',
        0
    from generate_series(81, 86) as g (n)
) as s
cross join lateral (select right(s.unit_code, 2)::integer as n) as o;

create temporary table before on commit drop as
select
    md5(b.delivery_id || 'ago' || g.ago)::uuid as delivery_id,
    b.unit_code,
    b.source_code,
    b.dataset,
    b.window_from - g.ago as window_from,
    date '2026-09-03' - g.ago as window_to,
    timestamptz '2026-09-04 01:30+07' - g.ago * interval '1 day' as pulled_at,
    case
        when b.staged = 0 then g.ago % 2
        when b.source_code like '%-sotay' then b.staged * (100 - g.ago) / 100 -- a register only grows
        else round(
            b.staged * (1 + (g.ago * 7 % 5 - 2) / 10.0) * (1 + (right(b.unit_code, 2)::integer * 3 % 7 - 3) / 8.0) * (
                select coalesce(sum(w.work), 0) from weight as w
                where w.day between b.window_from - g.ago and date '2026-09-03' - g.ago
            ) / (select sum(w.work) from weight as w where w.day between b.window_from and date '2026-09-03')
        )::integer
    end as received
from brought as b
cross join generate_series(1, 25) as g (ago)
where g.ago <= b.nights and g.ago % 9 <> 5;

insert into landing.delivery (
    delivery_id, unit_code, source_code, dataset, window_from, window_to, path, sha256, bytes, received, refused, landed,
    source_total, profile_code, pulled_at, state
)
select
    b.delivery_id,
    b.unit_code,
    b.source_code,
    b.dataset,
    b.window_from,
    date '2026-09-03',
    '',
    '',
    0,
    b.staged,
    0,
    b.staged,
    case when b.staged % 2 = 0 then b.staged end,
    'p',
    timestamptz '2026-09-04 01:30+07',
    'landed'
from brought as b
union all
select
    x.delivery_id,
    x.unit_code,
    x.source_code,
    x.dataset,
    x.window_from,
    x.window_to,
    '',
    '',
    0,
    x.received,
    0,
    x.received,
    x.received,
    'p',
    x.pulled_at,
    'loaded'
from before as x;

insert into landing.run_delivery (run_id, delivery_id)
select
    cast(:run_id as uuid),
    b.delivery_id
from brought as b;

insert into ops.load_ledger (
    delivery_id, mapping_version, pulled_at, unit_code, run_id, received, inserted, updated, unchanged, quarantined, refused
)
select
    x.delivery_id,
    'm1',
    x.pulled_at,
    x.unit_code,
    cast(:run_id as uuid),
    x.received,
    x.received,
    0,
    0,
    0,
    0
from before as x
