-- Everything landed for a source, in the order it was pulled; a held empty answer brings nothing and stays held.
select delivery_id
from landing.delivery
where source_code = :source_code and not (state = 'held' and landed = 0)
order by pulled_at, dataset
