-- Of which days each delivery shows everything, so that a record that is not in it is gone. Of a window its inner days: systems
-- cut the first and the last one differently. Of a register the days from its first to its last row: this year's says nothing
-- of last year. A row that breaks a rule may have a mistyped day: it is shown, but no span is made of it. Where known records
-- that are not shown fall between two files of a register (or sheets), a file is missing there: only what follows is proven.
-- No day, where it is not all that the source has (by its own total, which only a register has not), is empty, holds a row that
-- could be any record (without a key), or was asked for days before those that had been read already: what moved on since, a
-- system may list under a later day.
with bad as (
    select distinct
        v.delivery_id,
        v.row_no
    from stg.violation as v
    where v.run_id = :run_id and v.dataset = '{dataset}' and v.severity in ('critical', 'warning')
),

files as ( -- each with its sheet; what is no register is one
    select
        s.delivery_id,
        case when d.is_register then regexp_replace(s.page, '( row |[:])[0-9]+$', '') end as file,
        min({happened_s}) filter (where bad.row_no is null) as first_day,
        max({happened_s}) filter (where bad.row_no is null) as last_day,
        count(*) filter (where num_nulls({key_s}) > 0) as keyless
    from stg.{dataset} as s
    inner join stg.delivery as d on s.run_id = d.run_id and s.delivery_id = d.delivery_id
    left join bad on s.delivery_id = bad.delivery_id and s.row_no = bad.row_no
    where s.run_id = :run_id
    group by s.delivery_id, file
),

in_order as (
    select
        f.delivery_id,
        f.first_day,
        max(f.last_day) over (
            partition by f.delivery_id
            order by f.first_day asc, f.last_day asc
            rows between unbounded preceding and 1 preceding
        ) as shown_to
    from files as f
    where f.first_day is not null
),

missing as (
    select
        f.delivery_id,
        max(f.first_day) as whole_from
    from in_order as f
    inner join stg.delivery as d on f.delivery_id = d.delivery_id and d.run_id = :run_id
    inner join core.{dataset} as c
        on d.unit_code = c.unit_code and d.source_code = c.source_code and {happened_in_c}
    left join stg.{dataset} as s on s.run_id = :run_id and f.delivery_id = s.delivery_id and {key_join_s}
    where f.shown_to < f.first_day - 1 and s.delivery_id is null
    group by f.delivery_id
),

read as (
    select
        f.delivery_id,
        coalesce(max(missing.whole_from), min(f.first_day)) as first_day,
        max(f.last_day) as last_day
    from files as f
    left join missing on f.delivery_id = missing.delivery_id
    group by f.delivery_id
    having sum(f.keyless) = 0
),

before_what_was_read as (
    select d.delivery_id
    from stg.delivery as d
    inner join landing.delivery as own on d.delivery_id = own.delivery_id
    inner join landing.delivery as o
        on
            d.unit_code = o.unit_code and d.source_code = o.source_code and d.dataset = o.dataset
            and d.window_to < o.window_to
    inner join ops.load_ledger as loaded on o.delivery_id = loaded.delivery_id and own.pulled_at > loaded.pulled_at
    where d.run_id = :run_id and d.dataset = '{dataset}' and not d.is_register
)

update stg.delivery as d
set
    proves_from = case when d.is_register then read.first_day else d.window_from + 1 end,
    proves_to = case when d.is_register then read.last_day else d.window_to - 1 end
from read
where
    d.run_id = :run_id and d.delivery_id = read.delivery_id
    and d.is_complete and coalesce(d.source_total = d.received, d.is_register)
    and (d.is_register or d.window_to - d.window_from >= 2)
    and d.delivery_id not in (select b.delivery_id from before_what_was_read as b)
