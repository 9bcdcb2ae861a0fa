-- The units with one source each, and the procedures each of them handles: a department has 60 of its own, the communes
-- share 300. Numbers count from 0.
create schema bench;

create table bench.place as
select
    (row_number() over (order by u.unit_group = 'commune', u.unit_code) - 1)::integer as place_no,
    u.unit_code,
    u.unit_group,
    min(s.source_code) as source_code
from core.unit as u
inner join core.source as s on u.unit_code = s.unit_code
where u.valid_to is null and s.kind in ('opencps', 'national')
group by u.unit_code, u.unit_group;

create table bench.handled as
select
    p.unit_code,
    n.n as procedure_no,
    case
        when p.unit_group = 'commune' then '2.' || lpad(n.n::text, 6, '0')
        else '1.' || lpad((p.place_no * 60 + n.n)::text, 6, '0')
    end as procedure_code,
    'F' || lpad((n.n % 12)::text, 2, '0') as field_code,
    (array[1, 2, 3, 3, 5, 5, 7, 10, 10, 15, 20, 30])[1 + (n.n * 7 + p.place_no) % 12] as term,
    (array['partial', 'full', 'full', 'unknown'])[1 + n.n % 4] as online_level
from bench.place as p
cross join lateral generate_series(0, case when p.unit_group = 'commune' then 299 else 59 end) as n (n);

create unique index handled_no on bench.handled (unit_code, procedure_no);

insert into core.procedure (
    unit_code, source_code, procedure_code, valid_from, field_code, online_level, term_value, term_unit,
    needs_result, has_fee, for_citizens, content_full, row_hash, delivery_id, row_no, pulled_at
)
select
    h.unit_code,
    p.source_code,
    h.procedure_code,
    date '2020-01-01',
    h.field_code,
    h.online_level,
    h.term,
    'working_day',
    h.procedure_no % 10 > 0,
    h.procedure_no % 3 = 0,
    h.procedure_no % 2 = 0,
    true,
    decode(md5(h.unit_code || h.procedure_code), 'hex'),
    '00000000-0000-0000-0000-000000000001',
    1,
    timestamptz '2020-01-01'
from bench.handled as h
inner join bench.place as p on h.unit_code = p.unit_code;

-- the product's own terms, once for each day and term: they do not depend on the hour where no cut-off is set
create table bench.own_due as
select
    c.day,
    t.term,
    core.own_due_at(c.day::timestamp at time zone 'Asia/Ho_Chi_Minh', t.term, 'working_day', null) as due_at
from core.calendar_day as c
cross join (select distinct h.term from bench.handled as h) as t
where c.day <= date '2026-11-14';

create unique index own_due_day on bench.own_due (day, term);
