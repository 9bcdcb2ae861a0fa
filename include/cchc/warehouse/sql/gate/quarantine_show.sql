select
    q.*,
    d.path as landing_file,
    d.window_from,
    d.window_to,
    d.pulled_at
from quarantine.item as q
left join landing.delivery as d on q.delivery_id = d.delivery_id
where q.item_id = :item_id
