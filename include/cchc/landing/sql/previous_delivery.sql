-- The last answer of a source; an empty one that is held does not count.
select
    received,
    window_from,
    window_to
from landing.delivery
where
    unit_code = :unit_code
    and source_code = :source_code
    and dataset = :dataset
    and delivery_id <> :delivery_id
    and not (state = 'held' and received = 0)
order by pulled_at desc, window_to desc
limit 1
