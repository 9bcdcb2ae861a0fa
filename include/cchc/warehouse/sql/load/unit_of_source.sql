select unit_code from landing.delivery
where source_code = :source_code
limit 1
