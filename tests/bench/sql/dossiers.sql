-- Dossiers number :first to :last of :size, oldest first, about 125,000 a month (5,769 a weekday), the newest on Friday
-- 13 November 2026. Everything follows from the number: r(i) are its independent fractions.
insert into core.dossier (
    unit_code, source_code, dossier_code, procedure_code, field_code, intake, channel, online_level, status,
    received_at, due_at, finished_at, returned_at, supplement_at, supplement_completed_at, supplement_requests,
    extended_at, post_in, post_out, paid_online, has_duty, electronic_result, has_result, apology_at,
    components_digitised, data_reused, personal_store, citizen_data, dissatisfied, own_due_at, own_due_stale,
    row_hash, delivery_id, row_no, pulled_at
)
select
    p.unit_code,
    p.source_code,
    '000.00.' || lpad(p.place_no::text, 2, '0') || '.H14-' || to_char(x.day, 'YYMMDD') || '-' || lpad(x.n::text, 7, '0'),
    h.procedure_code,
    h.field_code,
    case when r.f[1] < 0.97 then 'one_stop' else 'direct' end,
    case when r.f[2] < 0.55 then 'online' when r.f[2] < 0.9 then 'direct' else 'post' end,
    h.online_level,
    e.status,
    x.received_at,
    e.due_at,
    e.ended_at,
    case when e.status = 'returned' then e.ended_at + r.f[3] * interval '2 days' end,
    e.asked_at,
    e.completed_at,
    case when e.asked_at is not null then 1 + (r.f[4] < 0.15)::integer end,
    case when r.f[5] < 0.02 then e.due_at - interval '1 day' end,
    r.f[6] < 0.1,
    r.f[7] < 0.15,
    r.f[8] < 0.3 and h.procedure_no % 3 = 0,
    h.procedure_no % 3 = 0,
    r.f[9] < 0.6 and e.status in ('finished', 'returned'),
    e.status in ('finished', 'returned'),
    case when e.ended_at > e.due_at and r.f[10] < 0.5 then e.due_at + interval '1 day' end,
    r.f[11] < 0.6,
    r.f[12] < 0.25,
    r.f[13] < 0.2,
    r.f[14] < 0.7,
    r.f[15] < 0.005,
    o.due_at,
    false,
    decode(md5(x.n::text), 'hex'),
    '00000000-0000-0000-0000-000000000001',
    x.n,
    x.received_at
from (
    select
        g.n,
        date '2026-11-13' - ((:size - g.n) / 5769 / 5 * 7 + (:size - g.n) / 5769 % 5)::integer as day,
        (date '2026-11-13' - ((:size - g.n) / 5769 / 5 * 7 + (:size - g.n) / 5769 % 5)::integer + time '07:30'
            + (g.n % 5769) / 5769.0 * interval '9 hours') at time zone 'Asia/Ho_Chi_Minh' as received_at
    from generate_series(cast(:first as bigint), cast(:last as bigint)) as g (n)
) as x
cross join
    lateral (
        select array_agg((hashint8extended(x.n, s.seed) & 1048575) / 1048576.0::float8 order by s.seed) as f
        from generate_series(1, 22) as s (seed)
    ) as r
-- a few units and procedures have most of the dossiers
inner join bench.place as p on p.place_no = floor(:places * power(r.f[16], 1.5))
inner join bench.handled as h
    on
        h.unit_code = p.unit_code
        and h.procedure_no = floor(case when p.unit_group = 'commune' then 300 else 60 end * power(r.f[17], 3))
inner join bench.own_due as o on o.day = x.day and o.term = h.term
cross join
    lateral (
        select
            case when r.f[18] < 0.95 then o.due_at end as due_at,
            -- 4 in 100 are late, 2 in 1,000 never end
            case
                when r.f[19] < 0.002 then null
                when r.f[19] < 0.04 then o.due_at + r.f[20] * interval '20 days'
                else x.received_at + power(r.f[20], 0.7) * (o.due_at - x.received_at)
            end as ends_at,
            case when r.f[21] < 0.06 then x.received_at + interval '1 day' end as may_ask_at
        limit 1
    ) as w
cross join
    lateral (
        select
            w.due_at,
            case when w.ends_at < timestamptz '2026-11-14 00:00+07' then w.ends_at end as ended_at,
            case when w.may_ask_at < coalesce(w.ends_at, timestamptz '2026-11-14 00:00+07') then w.may_ask_at end as asked_at,
            case
                when w.may_ask_at + interval '3 days' < least(w.ends_at, timestamptz '2026-11-14 00:00+07')
                    then w.may_ask_at + interval '3 days'
            end as completed_at,
            case
                when r.f[22] < 0.01 then 'not_accepted'
                when w.ends_at < timestamptz '2026-11-14 00:00+07'
                    then case
                            when r.f[22] < 0.03 then 'withdrawn'
                            when r.f[22] < 0.04 then 'stopped'
                            when r.f[22] < 0.25 then 'finished'
                            else 'returned'
                        end
                when w.may_ask_at < timestamptz '2026-11-14 00:00+07'
                    and w.may_ask_at + interval '3 days' >= timestamptz '2026-11-14 00:00+07' then 'supplement'
                else 'processing'
            end as status
        limit 1
    ) as e
