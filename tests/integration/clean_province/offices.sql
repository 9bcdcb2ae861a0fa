-- 86 units of one province: one was abolished, one is there a second time, one in five has two systems of dossiers, one in
-- five keeps a register instead, and three in four say which procedures they have.
insert into core.unit (unit_code, valid_from, valid_to, name, unit_group, parent_code)
values ('H14', '2020-01-01', null, 'Tỉnh thử', 'province', null), ('U02', '2010-01-01', '2012-06-30', 'Cũ', 'commune', 'H14');

insert into core.unit (unit_code, valid_from, valid_to, name, unit_group, parent_code)
select
    'U' || lpad(g.n::text, 2, '0'),
    date '2020-01-01',
    case when g.n = 84 then date '2026-08-31' end,
    'Đơn vị ' || g.n,
    case when g.n <= 20 then 'department' else 'commune' end,
    'H14'
from generate_series(1, 86) as g (n);

insert into core.source (source_code, unit_code, profile_code, kind, title, on_time_rule, expected, listed)
select
    lower(u.unit_code) || s.suffix,
    u.unit_code,
    'p',
    s.kind,
    'Nguồn thử',
    'written',
    true,
    s.listed
from core.unit as u
cross join (
    values ('-motcua', 'opencps', 1), ('-dvcqg', 'national', 2), ('-vanban', 'edxml', null), ('-sotay', 'files', null)
) as s (suffix, kind, listed)
where u.valid_from = date '2020-01-01' and (s.suffix <> '-dvcqg' or right(u.unit_code, 1) in ('0', '5'));

insert into core.procedure (
    unit_code, source_code, procedure_code, valid_from, online_level, row_hash, delivery_id, row_no, pulled_at
)
select
    u.unit_code,
    lower(u.unit_code) || '-sotay',
    '1.' || lpad(g.n::text, 6, '0'),
    date '2021-01-01',
    'full',
    decode(md5(g.n::text), 'hex'),
    '00000000-0000-0000-0000-000000000001',
    g.n,
    timestamptz '2026-09-02 01:30+07'
from core.unit as u
cross join generate_series(1, 120) as g (n)
where u.unit_group <> 'province' and u.valid_from = date '2020-01-01' and right(u.unit_code, 1) in ('1', '2', '3', '4', '5', '6', '7')
