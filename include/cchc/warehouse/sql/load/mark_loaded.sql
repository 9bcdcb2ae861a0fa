update landing.delivery
set state = 'loaded', held_by = array[]::text[], reason = null
where delivery_id = :delivery_id
