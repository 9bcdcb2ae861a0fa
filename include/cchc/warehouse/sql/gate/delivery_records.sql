-- What the records of one dataset say about their deliveries: how new they are, whose they are, which of those known before
-- are missing, and whether one file only repeats another. Known before: by the last delivery that was believed, so that what
-- a person approved once is not asked about again.
with staged as (
    select
        s.delivery_id,
        s.unit_code,
        s.source_code,
        s.row_hash,
        regexp_replace(s.page, '( row |[:])[0-9]+$', '') as file, -- with its sheet
        ({event_s}) as event_day,
        ({is_own}) as is_own,
        {key_s}
    from stg.{dataset} as s
    inner join stg.delivery as d on s.run_id = d.run_id and s.delivery_id = d.delivery_id
    where s.run_id = :run_id and num_nulls({key_s}) = 0 and not d.is_believed
),

own as (
    select
        delivery_id,
        count(distinct({key})) as records,
        max(event_day) filter (where event_day <= (select r.reporting_day from ops.run as r where r.run_id = :run_id))
            as newest_event
    from staged
    group by delivery_id
),

known as (
    select
        d.delivery_id,
        count(*) as known,
        max({event_c}) as newest_known,
        array_agg({event_c}) as event_days,
        count(*) filter (
            where not exists (select 1 from staged as s where s.delivery_id = d.delivery_id and {key_join_s})
        ) as gone
    from stg.delivery as d
    inner join core.{dataset} as c
        on
            d.unit_code = c.unit_code and d.source_code = c.source_code and c.pulled_at >= d.previous_pulled_at
    where d.run_id = :run_id and d.dataset = '{dataset}' and d.is_register and not d.is_believed
    group by d.delivery_id
),

rhythm as (
    select
        own.delivery_id,
        greatest(own.newest_event, known.newest_known) as since,
        (
            select count(*) from unnest(known.event_days) as day
            where day > greatest(own.newest_event, known.newest_known) - 60
        ) as recent
    from own
    left join known on own.delivery_id = known.delivery_id
),

foreign_source as (
    select distinct on (s.delivery_id)
        s.delivery_id,
        c.source_code,
        count(distinct({key_s})) as records
    from staged as s
    inner join core.{dataset} as c on {key_join_s} and s.unit_code <> c.unit_code
    where s.is_own
    group by s.delivery_id, c.source_code
    order by s.delivery_id asc, count(distinct({key_s})) desc, c.source_code
),

files as (
    select
        s.delivery_id,
        s.file,
        count(*) as file_rows,
        count(*) filter (where exists (
            select 1 from staged as o
            where o.delivery_id = s.delivery_id and o.file <> s.file and o.row_hash = s.row_hash and {key_join_o}
        )) as repeated
    from staged as s
    inner join stg.delivery as d on s.delivery_id = d.delivery_id and d.run_id = :run_id and d.is_register
    group by s.delivery_id, s.file
),

repeating as (
    select distinct on (delivery_id)
        delivery_id,
        file,
        repeated
    from files
    where repeated = file_rows
    order by delivery_id asc, repeated desc, file desc
)

update stg.delivery as d
set
    records = own.records,
    newest_event = own.newest_event,
    known = coalesce(known.known, 0),
    newest_known = known.newest_known,
    silent_since = case when d.is_register then rhythm.since else d.silent_since end,
    recent = case when d.is_register then rhythm.recent else d.recent end,
    gone = coalesce(known.gone, 0),
    foreign_records = coalesce(foreign_source.records, 0),
    foreign_source = foreign_source.source_code,
    repeated_rows = coalesce(repeating.repeated, 0),
    repeated_file = repeating.file
from own
left join known on own.delivery_id = known.delivery_id
left join rhythm on own.delivery_id = rhythm.delivery_id
left join foreign_source on own.delivery_id = foreign_source.delivery_id
left join repeating on own.delivery_id = repeating.delivery_id
where d.run_id = :run_id and d.delivery_id = own.delivery_id
