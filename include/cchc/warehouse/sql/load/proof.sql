-- The days of which the delivery shows everything, as the gate found; without a row, or with empty days, none.
select
    proves_from,
    proves_to
from stg.delivery
where run_id = :run_id and delivery_id = :delivery_id
