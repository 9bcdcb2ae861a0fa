select count(*) > 0 as brought from landing.run_delivery
where run_id = :run_id
