create temporary table before_{dataset} on commit drop as
select * from core.{dataset}
where unit_code = any(:unit_codes) and source_code = :source_code
