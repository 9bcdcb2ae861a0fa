-- What units state of the months of this year, the quarters and the year so far: whole forms whose sums agree, forms of which
-- some columns are kept, ratios without a value, and the running month.
insert into stg.reported_measure (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, measure_code, period_from, period_to, value,
    numerator, denominator, ratio
)
with stated as (
    select
        u.n,
        p.place,
        p.first_day,
        p.last_day,
        10 * u.n % 70 as carried_over, -- as many are in process at the end of every period
        100 + u.n * p.place as received,
        case when u.n % 7 = 0 then 0 else 40 + p.place end as received_online,
        u.n % 6 as late
    from generate_series(1, 80) as u (n)
    cross join (
        values
        (1, date '2026-01-15', date '2026-02-14'), (2, date '2026-02-15', date '2026-03-14'),
        (3, date '2025-12-15', date '2026-03-14'), (4, date '2026-03-15', date '2026-06-14'),
        (5, date '2025-12-15', date '2026-09-14'), (6, date '2026-09-03', date '2026-09-03')
    ) as p (place, first_day, last_day)
)

select
    cast(:run_id as uuid),
    md5('u' || lpad(s.n::text, 2, '0') || '-sotay' || 'reported_measure')::uuid,
    row_number() over (partition by s.n order by s.place, m.measure_code),
    'bao-cao.xlsx row ' || row_number() over (partition by s.n order by s.place, m.measure_code),
    'U' || lpad(s.n::text, 2, '0'),
    'u' || lpad(s.n::text, 2, '0') || '-sotay',
    decode(md5(concat(s.n, s.place, m.measure_code)), 'hex'),
    m.measure_code,
    s.first_day,
    s.last_day,
    m.value,
    m.numerator,
    m.denominator,
    m.ratio
from stated as s
cross join lateral (
    values
    ('received', s.received, null, null, null),
    ('received_online', s.received_online, null, null, null),
    ('received_direct', s.received - s.received_online, null, null, null),
    ('carried_over', s.carried_over, null, null, null),
    ('to_handle', s.received + s.carried_over, null, null, null),
    ('finished', s.received, null, null, null),
    ('finished_early', s.received - 40 - s.late, null, null, null),
    ('finished_on_time', 40, null, null, null),
    ('finished_late', s.late, null, null, null),
    ('in_process', s.carried_over, null, null, null),
    ('in_process_within_term', s.carried_over - s.late * (s.carried_over > 10)::integer, null, null, null),
    ('overdue_in_process', s.late * (s.carried_over > 10)::integer, null, null, null),
    ('share_official_mail', null, null, null, 100.0),
    ('share_signed', null, 2299, 2412, 95.3),
    ('share_reviewed', null, 0, 0, null)
) as m (measure_code, value, numerator, denominator, ratio)
where s.n % 4 > 0 or m.measure_code not in ('received_direct', 'finished_late', 'in_process')
