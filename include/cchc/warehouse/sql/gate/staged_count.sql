select count(*) from stg.{dataset} where run_id = :run_id
