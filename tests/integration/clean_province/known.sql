-- What the warehouse has of tonight's dossiers: most of every register, and of every third dossier of a unit with two systems
-- what the other one says of it: the same days at another hour, or a day it does not know.
insert into core.dossier (
    unit_code, source_code, dossier_code, procedure_code, intake, channel, online_level, status, received_at, due_at,
    finished_at, row_hash, delivery_id, row_no, pulled_at
)
select
    s.unit_code,
    case when right(s.source_code, 6) = '-sotay' then s.source_code else replace(s.source_code, 'dvcqg', 'motcua') end,
    s.dossier_code,
    s.procedure_code,
    s.intake,
    s.channel,
    s.online_level,
    s.status,
    case
        when right(s.source_code, 6) = '-sotay' then s.received_at
        else date_trunc('day', s.received_at, 'Asia/Ho_Chi_Minh') + interval '9 hours'
    end,
    case when s.row_no % 2 = 0 then s.due_at end,
    case when s.row_no % 4 < 2 then date_trunc('day', s.finished_at, 'Asia/Ho_Chi_Minh') + interval '23 hours' end,
    s.row_hash,
    '00000000-0000-0000-0000-000000000001',
    s.row_no,
    timestamptz '2026-09-03 01:30+07'
from stg.dossier as s
where
    (right(s.source_code, 6) = '-sotay' and s.row_no % 10 > 0)
    or (right(s.source_code, 6) = '-dvcqg' and s.row_no % 9 = 0);

-- a page that was read twice, or a row that stands in two files: the same record again, and the same in all it says
insert into stg.dossier (run_id, delivery_id, row_no, page, unit_code, source_code, row_hash, {columns})
select
    run_id,
    delivery_id,
    row_no + 1000000,
    replace(page, 'so-8', 'so-9'),
    unit_code,
    source_code,
    row_hash,
    {columns}
from stg.dossier
where row_no % 3 = 0 and row_no <= 3 * :again
