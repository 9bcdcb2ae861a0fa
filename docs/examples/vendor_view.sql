-- A vendor's database as docs/guides/add_unit.md needs one, in SQLite: a table of dossiers and the view that we may read.
create table if not exists ho_so (
    ma_don_vi text, ma_ho_so text, ma_tthc text, ma_linh_vuc text, truc_tuyen integer, trang_thai text,
    tiep_nhan_luc datetime, hen_tra_luc datetime, xong_luc datetime, tra_luc datetime, cap_nhat_luc datetime,
    ghi_chu text, ho_ten text, primary key (ma_don_vi, ma_ho_so)
);
create view if not exists v_ho_so as select * from ho_so;
with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < 60)
insert or ignore into ho_so
select
    'SNV', printf('SNV-%04d', n), '1.000' || (100 + n % 3), 'NV', n % 2, case when n % 4 then 'DA_TRA' else 'DANG_XU_LY' end,
    datetime('2026-11-10 08:00:00', '+' || n || ' hours'), datetime('2026-11-20 17:00:00', '+' || n || ' hours'),
    case when n % 4 then datetime('2026-11-10 10:00:00', '+' || n || ' hours') end,
    case when n % 4 then datetime('2026-11-10 15:00:00', '+' || n || ' hours') end,
    datetime('2026-11-10 15:00:00', '+' || n || ' hours'), '', 'Công dân ' || n
from numbers;
