-- The units that a source has delivered for, in the order in which they are locked.
select distinct unit_code from landing.delivery
where source_code = :source_code
order by unit_code
