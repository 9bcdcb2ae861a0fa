insert into core.calendar_day as old (day, is_working, working_no, title)
select
    new.day,
    new.is_working,
    new.working_no,
    new.title
from unnest(
        cast(:days as date[]), cast(:working as boolean[]), cast(:numbers as integer[]), cast(:titles as text[])
    ) as new (day, is_working, working_no, title)
on conflict (day) do update set
    is_working = excluded.is_working,
    working_no = excluded.working_no,
    title = excluded.title
where (old.is_working, old.working_no, old.title) is distinct from (excluded.is_working, excluded.working_no, excluded.title)
