insert into core.office_hours (opens, closes, worked_before)
values (:opens, :closes, :worked_before)
