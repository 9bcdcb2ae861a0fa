select delivery_id
from landing.delivery
order by pulled_at desc, delivery_id asc
limit :most
