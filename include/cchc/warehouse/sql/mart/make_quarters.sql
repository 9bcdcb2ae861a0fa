-- The quarters of one unit's and dataset's stocks, added up from all their days.
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
where m.unit_code = :unit and m.dataset = :dataset
group by 1, 2, 3, 4, 5, 6, 7, 8
having sum(m.value) <> 0
order by m.measure_code, quarter
