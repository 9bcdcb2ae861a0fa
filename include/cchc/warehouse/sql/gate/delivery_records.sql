-- What the records of one dataset say about their deliveries: how new they are, whose they are, which of those known before
-- are missing, and whether one file only repeats another. Known before: by the last delivery that was believed, so that what
-- a person approved once is not asked about again. Every step is a join of sets: staged rows have no statistics here, and a
-- look-up for each row would read all rows of the night for each.
with records as (
    select
        s.delivery_id,
        s.unit_code,
        {key_s},
        bool_or({is_own}) as is_own,
        max({event_s}) filter (where ({event_s}) <= d.reporting_day) as event_so_far
    from stg.{dataset} as s
    inner join stg.delivery as d on s.run_id = d.run_id and s.delivery_id = d.delivery_id
    where s.run_id = :run_id and num_nulls({key_s}) = 0 and not d.is_believed
    group by s.delivery_id, s.unit_code, {key_s}
),

own as (
    select
        delivery_id,
        count(*) as records,
        max(event_so_far) as newest_event
    from records
    group by delivery_id
),

known as (
    select
        d.delivery_id,
        count(*) as known,
        max({event_c}) filter (where ({event_c}) <= d.reporting_day) as newest_known, -- a procedure may begin later
        array_agg({event_c}) as event_days,
        count(*) filter (where s.delivery_id is null) as gone
    from stg.delivery as d
    inner join core.{dataset} as c
        on
            d.unit_code = c.unit_code and d.source_code = c.source_code and c.pulled_at >= d.previous_pulled_at
    left join records as s on d.delivery_id = s.delivery_id and {key_join_s}
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
    from records as s
    inner join core.{dataset} as c on {key_join_s} and s.unit_code <> c.unit_code
    where s.is_own
    group by s.delivery_id, c.source_code
    order by s.delivery_id asc, count(distinct({key_s})) desc, c.source_code
),

-- each row of a register once for each file (with its sheet) it stands in
in_file as (
    select
        s.delivery_id,
        regexp_replace(s.page, '( row |[:])[0-9]+$', '') as file,
        {key_s},
        s.row_hash,
        count(*) as file_rows
    from stg.{dataset} as s
    inner join stg.delivery as d on s.run_id = d.run_id and s.delivery_id = d.delivery_id
    where s.run_id = :run_id and num_nulls({key_s}) = 0 and d.is_register and not d.is_believed
    group by s.delivery_id, file, {key_s}, s.row_hash
),

files as (
    select
        s.delivery_id,
        s.file,
        sum(s.file_rows) as file_rows,
        sum(s.file_rows) filter (where s.files > 1) as repeated
    from (
        select
            s.delivery_id,
            s.file,
            s.file_rows,
            count(*) over (partition by s.delivery_id, {key_s}, s.row_hash) as files
        from in_file as s
    ) as s
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
