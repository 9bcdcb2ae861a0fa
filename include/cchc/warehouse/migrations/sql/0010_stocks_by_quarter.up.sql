-- Measures that are balances: catalogue/measures.yaml, kept in step by `dimensions.sync`.
create table core.stock_measure (
    measure_code text not null, -- without the rule it is counted by
    dataset text not null,
    primary key (measure_code, dataset)
);
insert into core.stock_measure (measure_code, dataset)
values
('in_process', 'dossier'),
('waiting_for_supplement', 'dossier'),
('in_process_within_term', 'dossier'),
('overdue_in_process', 'dossier'),
('overdue_apologised', 'dossier'),
('documents_in_overdue', 'document'),
('procedures_listed', 'procedure'),
('procedures_level_4', 'procedure'),
('procedures_online', 'procedure'),
('procedures_full', 'procedure'),
('procedures_partial', 'procedure'),
('procedures_with_fee', 'procedure'),
('procedures_for_citizens', 'procedure'),
('procedures_content_full', 'procedure'),
('petitions_open', 'petition'),
('petitions_overdue', 'petition');

-- A balance is the sum of all days so far. The days of whole quarters are added up here.
create table mart.measure_quarter (
    unit_code text not null,
    quarter date not null, -- its first day; calendar quarters
    measure_code text not null,
    procedure_code text not null,
    intake text not null,
    channel text not null,
    online_level text not null,
    dataset text not null,
    value bigint not null,
    primary key (unit_code, measure_code, quarter, procedure_code, intake, channel, online_level)
);
comment on table mart.measure_quarter
is 'The days of mart.measure_day added up by quarter, of stocks only; written with them, in one transaction.';
create index measure_quarter_evened_out on mart.measure_quarter (unit_code) where value = 0; -- removed at once

insert into mart.measure_quarter (
    unit_code, quarter, measure_code, procedure_code, intake, channel, online_level, dataset, value
)
select
    m.unit_code,
    cast(date_trunc('quarter', m.day) as date) as quarter,
    m.measure_code,
    m.procedure_code,
    m.intake,
    m.channel,
    m.online_level,
    m.dataset,
    sum(m.value) as value
from mart.measure_day as m
inner join core.stock_measure as s on s.measure_code = split_part(m.measure_code, '@', 1)
group by 1, 2, 3, 4, 5, 6, 7, 8
having sum(m.value) <> 0
order by m.unit_code, m.measure_code, quarter;
