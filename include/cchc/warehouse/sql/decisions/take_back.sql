update landing.delivery
set state = 'held', held_by = array['DELIVERY_REJECTED'], reason = :reason
where delivery_id = :delivery_id
