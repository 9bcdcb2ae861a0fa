-- What a replay rebuilds a source from, in the order it was pulled: what was believed, and what only bad rows held back,
-- since a mended mapping is what a replay is for. What is held for another reason waits for a person.
select d.delivery_id
from landing.delivery as d
where
    d.source_code = :source_code
    and (
        d.state <> 'held' or d.held_by = array['DELIVERY_TOO_MANY_BAD_ROWS']
        or (d.held_by = array[]::text[] and d.landed > 0) -- its dataset could not be judged at all
    )
order by d.pulled_at, d.dataset
