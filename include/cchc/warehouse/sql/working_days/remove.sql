delete from core.calendar_day
where day <> all(cast(:days as date[]))
