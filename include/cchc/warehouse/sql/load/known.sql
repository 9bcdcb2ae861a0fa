-- How many records of the days of which this delivery shows everything are there: after a removal those that are left, before
-- the merge.
select count(*) as records
from core.{dataset} as c
where
    c.unit_code = :unit_code and c.source_code = :source_code
    and {happened_in_c}
    and c.pulled_at < cast(:pulled_at as timestamptz)
