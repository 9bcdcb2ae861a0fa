-- Dossiers in every state a source may show on the evening of Thursday 3 September 2026, each with dates in an order that can
-- be: to the second, by the day alone, or one of the two beside the other; received until the last second of the day.
-- One in 25 is of another year since 2000.
insert into stg.dossier (
    run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, dossier_code, procedure_code, field_code, intake,
    channel, online_level, status, received_at, due_at, finished_at, returned_at, supplement_at, supplement_completed_at,
    supplement_requests, extended_at, post_in, post_out, paid_online, has_duty, electronic_result, has_result, apology_at,
    dissatisfied
)
select
    cast(:run_id as uuid),
    md5(o.source_code || 'dossier')::uuid,
    d.i,
    case
        when d.n % 5 = 1 then (array['so-8.csv:', 'so-9.csv:', 'so-8.csv:', 'so.xlsx row '])[1 + d.i % 4] || d.i
        else (array['1', 'trang 2'])[1 + d.i % 2]
    end,
    o.unit_code,
    o.source_code,
    decode(md5(d.i::text), 'hex'),
    (array[
        '000.00.' || lpad(d.n::text, 2, '0') || '.H14', 'H14.' || lpad(d.n::text, 2, '0'), 'H14', 'H14.' || d.n || '.KHTC1',
        'G09.' || d.n, '000.12.' || lpad(d.n::text, 2, '0') || '.H14'
    ])[1 + d.i / 2 % 6]
    || '-' || to_char(d.received_on - (d.received_on > date '2020-01-01' and d.i % 4 = 0)::integer, 'YYMMDD')
    || '-' || lpad(d.i::text, (array[5, 6, 8])[1 + d.i % 3], '0'),
    case when right(o.unit_code, 1) between '1' and '7' then '1.' else (array['1.', '2.', '3.'])[1 + d.i % 3] end
    || lpad((1 + d.i % 120)::text, 6, '0'),
    case when d.i % 9 > 0 then 'F' || d.i % 9 end,
    case when d.i % 10 = 0 then 'direct' else 'one_stop' end,
    c.channel,
    c.online_level,
    d.status,
    e.received_at,
    w.due_at,
    e.finished_at,
    case
        when d.status <> 'returned' then null
        when d.i / 11 % 2 = 0 then e.returned_on::timestamp at time zone 'Asia/Ho_Chi_Minh' -- by the day alone
        else greatest(e.received_at, e.finished_at, (e.returned_on + time '16:00') at time zone 'Asia/Ho_Chi_Minh')
    end,
    a.supplement_at,
    case
        when d.status <> 'supplement' and a.supplement_at is not null and d.i % 8 > 0
            then least(a.supplement_at + d.i % 5 * interval '1 day', timestamptz '2026-09-03 23:59:59+07')
    end,
    case when a.supplement_at is not null then 1 + d.i % 2 end,
    case when d.i % 30 = 0 then w.due_at end,
    (array[true, false, null])[1 + d.i % 3],
    (array[true, false, null])[1 + d.i / 3 % 3],
    (array[true, false, null])[1 + d.i / 5 % 3],
    (array[true, false, null])[1 + d.i / 7 % 3],
    (array[true, false, null])[1 + d.i / 11 % 3],
    case
        when d.status in ('finished', 'returned') then (array[true, null])[1 + d.i / 10 % 2]
        else (array[true, false, null])[1 + d.i / 13 % 3]
    end,
    case when w.due_at < timestamptz '2026-09-03 00:00+07' and d.i % 6 = 0 then timestamptz '2026-09-03 15:00+07' end,
    (array[true, false, null])[1 + d.i / 17 % 3]
from (
    select
        g.i,
        1 + floor(80 * power(g.i * 7919 % 100003 / 100003.0, 1.7))::integer as n,
        (array['registered', 'received', 'not_accepted', 'processing', 'supplement', 'payment', 'withdrawn', 'stopped',
            'finished', 'returned'])[1 + g.i % 10] as status,
        case
            when g.i % 25 = 0 then date '2000-01-01' + g.i * 13 % 9700
            else date '2026-09-03' - (case when g.i % 3 = 0 then g.i / 3 % 3 else g.i * 31 % 40 end)
        end as received_on,
        g.i / 7 % 4 as style -- 0: hours, 1: days alone, 2: received at an hour, the rest days, 3: at the day's last second
    from generate_series(1, cast(:dossiers as integer)) as g (i)
    offset 0 -- here and below: each step is worked out once for a row, not once for each of its uses
) as d
cross join lateral (
    select
        'U' || lpad(d.n::text, 2, '0') as unit_code,
        'u' || lpad(d.n::text, 2, '0') || case
            when d.n % 5 = 0 and d.i % 3 = 0 then '-dvcqg'
            when d.n % 5 = 1 then '-sotay'
            else '-motcua'
        end as source_code
    offset 0
) as o
inner join (
    select
        row_number() over (order by v.channel, l.online_level) as place,
        v.channel,
        l.online_level
    from unnest(array['direct', 'online', 'post', 'unknown']) as v (channel)
    cross join unnest(array['1', '2', '3', '4', 'partial', 'full', 'unknown']) as l (online_level)
    where v.channel <> 'online' or l.online_level not in ('1', '2')
) as c on c.place = 1 + d.i / 10 % 26
cross join lateral (
    select
        case
            when d.status = 'registered' or (d.status in ('not_accepted', 'supplement') and d.i / 10 % 2 = 0) then null
            when d.style = 1 then d.received_on::timestamp
            when d.style = 3 then d.received_on + time '23:59:59'
            else d.received_on + time '07:30' + d.i * 13 % 540 * interval '1 minute'
        end at time zone 'Asia/Ho_Chi_Minh' as received_at,
        least(d.received_on + d.i * 17 % 12, date '2026-09-03') as finished_on
    offset 0
) as r
cross join lateral (
    select
        r.received_at,
        least(r.finished_on + d.i % 3, date '2026-09-03') as returned_on,
        case
            when r.received_at is null or d.status not in ('finished', 'returned', 'withdrawn', 'stopped', 'not_accepted') then null
            when d.status in ('returned', 'withdrawn') and d.i / 10 % 3 = 0 then null
            when d.style in (1, 2) then r.finished_on::timestamp at time zone 'Asia/Ho_Chi_Minh'
            when d.style = 3 then (r.finished_on + time '23:59:59') at time zone 'Asia/Ho_Chi_Minh'
            else greatest(r.received_at, (r.finished_on + time '09:00') at time zone 'Asia/Ho_Chi_Minh')
        end as finished_at
    offset 0
) as e
cross join lateral (
    select
        case
            when e.received_at is null or d.i / 5 % 5 = 0 then null
            when d.i / 5 % 5 = 1 then d.received_on::timestamp at time zone 'Asia/Ho_Chi_Minh' -- in the day
            when d.i / 5 % 5 = 2 and d.style < 3 then (d.received_on + time '17:00') at time zone 'Asia/Ho_Chi_Minh'
            when d.i / 5 % 5 = 3 then (d.received_on + d.i % 30)::timestamp at time zone 'Asia/Ho_Chi_Minh'
            else (d.received_on + 1 + d.i % 45 + time '17:00') at time zone 'Asia/Ho_Chi_Minh'
        end as due_at
    offset 0
) as w
cross join lateral (
    select
        case
            when d.status not in ('supplement', 'processing', 'finished', 'returned') then null
            when d.status <> 'supplement' and d.i / 10 % 4 = 1 then null
            when d.style in (1, 2) then x.asked_on::timestamp at time zone 'Asia/Ho_Chi_Minh'
            else greatest(e.received_at, (x.asked_on + time '10:00') at time zone 'Asia/Ho_Chi_Minh')
        end as supplement_at
    from (select least(d.received_on + d.i % 3, date '2026-09-03') as asked_on) as x
    offset 0
) as a
