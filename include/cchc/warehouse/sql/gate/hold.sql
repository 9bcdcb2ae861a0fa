update landing.delivery
set state = 'held', reason = :reason
where delivery_id = :delivery_id
