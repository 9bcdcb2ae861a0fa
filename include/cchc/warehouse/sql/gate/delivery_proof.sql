-- Of which days each delivery shows everything, so that a record that is not in it is gone. Of a window its inner days: systems
-- cut the first and the last one differently. Of a register the days from its first to its last row: this year's says nothing
-- of last year. No day, where it is not all that the source has (by its own total), is empty, holds a row that could be any
-- record (without a key), or was asked for days before those that had been read already: what moved on since, a system
-- may list under a later day.
with read as (
    select
        s.delivery_id,
        min({happened_s}) as first_day,
        max({happened_s}) as last_day
    from stg.{dataset} as s
    where s.run_id = :run_id
    group by s.delivery_id
    having count(*) filter (where num_nulls({key_s}) > 0) = 0
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
    and d.is_complete and (d.source_total is null or d.source_total = d.received)
    and (d.is_register or d.window_to - d.window_from >= 2)
    and d.delivery_id not in (select b.delivery_id from before_what_was_read as b)
