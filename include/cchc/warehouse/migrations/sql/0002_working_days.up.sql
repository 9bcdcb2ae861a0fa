-- written from holidays.yaml; small, the same for every unit, so without unit_code
create table core.calendar_day (
    day date primary key,
    is_working boolean not null,
    working_no integer not null, -- working days up to and including the day
    title text
);

create index calendar_day_by_working_no on core.calendar_day (working_no) where is_working;

create table core.office_hours (
    opens time primary key,
    closes time not null check (closes > opens),
    worked_before bigint not null -- microseconds of the day's stretches before this one
);

comment on table core.calendar_day is 'Every day of the years holidays.yaml lists; working_no counts working days.';
comment on table core.office_hours is 'The stretches of a working day; together they are one working day of work.';

-- The rules are those of cchc.catalogue.calendar.WorkingCalendar.due_at, which says where they come from.
-- A moment of work is a position: microseconds of office hours since the calendar began. Working day n ends at n × office day,
-- so every unit of term ends in a position, and a position has one day and one time of day.
-- Null where there is no term, where it cannot be, and where a day it needs is not in the calendar.
-- Written as steps of single look-ups: as one statement of joins it is planned anew for every call, fifty times as slow.
create function core.own_due_at(received_at timestamptz, term_value numeric, term_unit text, cutoff time)
returns timestamptz
language plpgsql stable parallel safe
as $$
declare
    local timestamp := received_at at time zone 'Asia/Ho_Chi_Minh';
    clock time := local::time;
    start_day date := local::date;
    start_no integer;
    start_works boolean;
    last_day date;
    last_no integer;
    whole integer;
    part numeric;
    office_day bigint;
    worked bigint;
    work bigint;
    position bigint;
    due timestamp;
begin
    if term_value is null or term_value <= 0 or term_value > 100000 or not isfinite(received_at) then
        return null;
    end if;
    whole := trunc(term_value);
    part := term_value - whole;

    -- the working day the receipt counts on
    select c.working_no, c.is_working into start_no, start_works from core.calendar_day as c where c.day = start_day;
    if not found then
        return null;
    end if;
    if not start_works or clock > cutoff then
        clock := '00:00';
        start_no := start_no + 1;
        select c.day into start_day from core.calendar_day as c where c.working_no = start_no and c.is_working;
        if not found then
            return null;
        end if;
    end if;

    -- the work of a day, and what of it was over by then
    select
        sum(extract(epoch from o.closes - o.opens) * 1000000),
        sum(extract(epoch from greatest(least(clock, o.closes) - o.opens, interval '0')) * 1000000)
    into office_day, worked
    from core.office_hours as o;
    worked := worked + (start_no - 1) * office_day;

    if term_unit = 'hour' then
        position := worked + ceil(term_value * 3600000000);
    elsif term_unit = 'working_day' and whole = 0 then
        position := worked + ceil(part * office_day);
    elsif term_unit = 'working_day' then
        position := (start_no + whole) * office_day + ceil(part * office_day);
    elsif term_unit in ('day', 'month') then
        if term_unit = 'day' then
            last_day := start_day + ceil(term_value)::integer;
        else
            last_day := (start_day + make_interval(months => whole))::date + ceil(30 * part)::integer;
        end if;
        select c.working_no + (not c.is_working)::integer into last_no
        from core.calendar_day as c
        where c.day = last_day;
        position := last_no * office_day;
    end if;

    -- the working day the position lies in, its end included, and the work of that day up to it
    last_no := (position + office_day - 1) / office_day;
    work := position - (last_no - 1) * office_day;
    select c.day into last_day from core.calendar_day as c where c.working_no = last_no and c.is_working;
    select last_day + o.opens + (work - o.worked_before) * interval '1 microsecond' into due
    from core.office_hours as o
    where o.worked_before < work
    order by o.worked_before desc
    limit 1;
    return due at time zone 'Asia/Ho_Chi_Minh';
end
$$;

comment on function core.own_due_at(timestamptz, numeric, text, time)
is 'When a term ends by our own working-day calendar; null where there is no term or a year is not in core.calendar_day.';
