delete from core.asked_rule
where on_time_rule <> all(cast(:rules as text[]))
