delete from landing.run_delivery as rd
using landing.delivery as d
where rd.run_id = :run_id and rd.delivery_id = d.delivery_id and d.source_code = :source_code
returning rd.delivery_id
