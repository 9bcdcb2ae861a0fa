-- Open for so many nights and told to nobody above the unit: once.
update ops.alert
set escalated_day = :day
where closed_day is null and escalated_day is null and unit_code <> '' and since <= :day - (:nights - 1)
