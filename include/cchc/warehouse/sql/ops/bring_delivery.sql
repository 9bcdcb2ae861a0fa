insert into landing.run_delivery (run_id, delivery_id)
values (:run_id, :delivery_id)
on conflict do nothing
