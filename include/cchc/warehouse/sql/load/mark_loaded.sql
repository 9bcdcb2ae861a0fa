update landing.delivery
set state = 'loaded', reason = null
where delivery_id = :delivery_id
