-- What mart.measure_quarter would hold, not added up: whoever reads it does.
create temporary view measure_quarter as
select
    d.*,
    cast(date_trunc('quarter', d.day) as date) as quarter
from pg_temp.measure_day as d
