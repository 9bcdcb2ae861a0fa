-- What the rules over whole deliveries look at, but for what only the records can say (delivery_records.sql).
-- A decision is about a content: a register that is read again unchanged was decided about, whatever days it was asked for.
-- Nothing is no content: each empty answer is a question of its own.
-- What the source's history lets expect, of its believed deliveries of the last 60 days, of windows about as long: from as many
-- as usual (an open backlog comes with each, however short) to as many per working day, times the working days of this window;
-- of the two the one that was clearly steadier over twenty nights, else what is between them and nearest to what came: with
-- fewer nights noise would decide. History begins anew with a delivery that a person approved. A register's is its last one.
insert into stg.delivery (
    run_id, delivery_id, unit_code, source_code, dataset, reporting_day, window_from, window_to, received, refused,
    landed, source_total, unknown_fields, is_register, may_be_empty, is_complete, is_believed,
    is_approved, rejected_by, broken, worst, bad_limit, drop_limit, jump_limit, previous_received, previous_from,
    previous_to, previous_pulled_at, history, expected, silent_since, recent
)
with believed as not materialized ( -- of one source at a time: all of them are years of deliveries
    select
        d.*,
        (
            select count(*) > 0 from ops.delivery_decision as a
            where a.delivery_id = d.delivery_id and a.decision = 'approved'
        ) as is_approved,
        (
            select nullif(count(*) filter (where c.is_working), 0) from core.calendar_day as c
            where c.day between d.window_from and d.window_to
        ) as working_days
    from landing.delivery as d
    where exists (select 1 from ops.load_ledger as l where l.delivery_id = d.delivery_id)
)

select
    run.run_id,
    d.delivery_id,
    d.unit_code,
    d.source_code,
    d.dataset,
    run.reporting_day,
    d.window_from,
    d.window_to,
    d.received,
    d.refused,
    d.landed,
    d.source_total,
    d.unknown_fields,
    coalesce(source.kind = 'files', false) as is_register,
    d.source_code || ' ' || d.dataset = any(cast(:may_be_empty as text[])) as may_be_empty,
    d.source_code || ' ' || d.dataset = any(cast(:complete as text[])) as is_complete,
    coalesce(decided.decision = 'approved', false)
    or exists (select 1 from ops.load_ledger as l where l.delivery_id = d.delivery_id) as is_believed,
    coalesce(decided.decision = 'approved', false) as is_approved,
    case when decided.decision = 'rejected' then decided.decided_by || ': ' || decided.reason end as rejected_by,
    (
        select count(distinct v.row_no) from stg.violation as v
        where v.run_id = run.run_id and v.delivery_id = d.delivery_id and v.severity in ('critical', 'warning')
    ) as broken,
    (
        select regexp_replace(min(v.message), ':.*$', '') || ' (' || count(*) || ' dòng)'
        from stg.violation as v
        where v.run_id = run.run_id and v.delivery_id = d.delivery_id and v.severity in ('critical', 'warning')
        group by v.rule_code
        order by count(*) desc, v.rule_code asc
        limit 1
    ) as worst,
    :bad_limit,
    :drop_limit,
    :jump_limit,
    previous.received as previous_received,
    previous.window_from as previous_from,
    previous.window_to as previous_to,
    previous.pulled_at as previous_pulled_at,
    case when source.kind = 'files' then (previous.received is not null)::integer else usual.history end as history,
    case
        when source.kind = 'files' then previous.received
        else (
            select
                case
                    when usual.history >= 20 and 1.4 * usual.spread_per_working_day < usual.spread then by_days.records
                    when usual.history >= 20 and 1.4 * usual.spread < usual.spread_per_working_day then usual.received
                    else greatest(
                            least(d.received, greatest(by_days.records, usual.received)),
                            least(by_days.records, usual.received)
                        )
                end
            from (select usual.per_working_day * own.working_days as records) as by_days
            where by_days.records is not null
        )
    end as expected,
    silence.since as silent_since,
    (
        select sum(b.received) from believed as b
        where
            b.unit_code = d.unit_code and b.source_code = d.source_code and b.dataset = d.dataset
            and b.window_to > silence.since - 60 and b.window_to <= silence.since
    ) as recent
from ops.run as run
inner join landing.run_delivery as rd on run.run_id = rd.run_id
inner join landing.delivery as d on rd.delivery_id = d.delivery_id
left join core.source as source on d.source_code = source.source_code
left join lateral (
    select
        x.decision,
        x.decided_by,
        x.reason
    from ops.delivery_decision as x
    inner join landing.delivery as of on x.delivery_id = of.delivery_id
    where
        x.delivery_id = d.delivery_id
        or (
            x.unit_code = d.unit_code and x.source_code = d.source_code and of.dataset = d.dataset
            and of.sha256 = d.sha256 and d.landed > 0
        )
    order by x.decision_id desc
    limit 1
) as decided on true
left join lateral (
    select
        b.received,
        b.window_from,
        b.window_to,
        b.pulled_at
    from believed as b
    where
        b.unit_code = d.unit_code and b.source_code = d.source_code and b.dataset = d.dataset
        and b.delivery_id <> d.delivery_id and b.pulled_at <= d.pulled_at
    order by b.pulled_at desc, b.window_to desc
    limit 1
) as previous on true
left join lateral (
    select nullif(count(*) filter (where c.is_working), 0) as working_days
    from core.calendar_day as c
    where c.day between d.window_from and d.window_to
) as own on true
left join lateral (
    select
        count(*) as history,
        percentile_cont(0.5) within group (order by b.received) as received,
        percentile_cont(0.5) within group (order by b.received * 1.0 / b.working_days) as per_working_day,
        stddev_pop(b.received) / nullif(avg(b.received), 0) as spread,
        stddev_pop(b.received * 1.0 / b.working_days) / nullif(avg(b.received * 1.0 / b.working_days), 0)
            as spread_per_working_day
    from believed as b
    where
        b.unit_code = d.unit_code and b.source_code = d.source_code and b.dataset = d.dataset
        and b.delivery_id <> d.delivery_id and b.pulled_at <= d.pulled_at
        and b.pulled_at > d.pulled_at - interval '60 days'
        and b.window_to - b.window_from + 1 between (d.window_to - d.window_from + 1) / 4.0
        and 4.0 * (d.window_to - d.window_from + 1)
        and b.working_days is not null
        and not exists (
            select 1 from believed as later
            where
                later.unit_code = b.unit_code and later.source_code = b.source_code and later.dataset = b.dataset
                and later.is_approved and later.pulled_at > b.pulled_at and later.pulled_at <= d.pulled_at
        )
) as usual on true
left join lateral (
    select max(b.window_to) as since
    from believed as b
    where b.unit_code = d.unit_code and b.source_code = d.source_code and b.dataset = d.dataset and b.received > 0
) as silence on d.received = 0
where run.run_id = :run_id
