drop function core.own_due_at(timestamptz, numeric, text, time);
drop table core.office_hours;
drop table core.calendar_day;
