-- A replay brings a delivery again; a hold of an earlier night is judged anew.
with reopened as (
    update landing.delivery
    set state = 'landed', held_by = array[]::text[], reason = null
    where delivery_id = :delivery_id and state in ('held', 'failed')
)

insert into landing.run_delivery (run_id, delivery_id)
values (:run_id, :delivery_id)
on conflict do nothing
