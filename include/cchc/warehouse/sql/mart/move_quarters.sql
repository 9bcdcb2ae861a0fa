-- The quarters of stocks moved by what the recount of their days changes.
insert into mart.measure_quarter as q (
    unit_code, quarter, measure_code, procedure_code, intake, channel, online_level, dataset, value
)
select
    d.unit_code,
    cast(date_trunc('quarter', d.day) as date) as quarter,
    d.measure_code,
    d.procedure_code,
    d.intake,
    d.channel,
    d.online_level,
    :dataset as dataset,
    sum(d.value) as value
from (
    select
        r.unit_code,
        r.day,
        r.measure_code,
        r.procedure_code,
        r.intake,
        r.channel,
        r.online_level,
        r.value
    from recount as r
    union all
    select
        t.unit_code,
        t.day,
        t.measure_code,
        t.procedure_code,
        t.intake,
        t.channel,
        t.online_level,
        -t.value as value
    from touched_count as t
) as d
inner join core.stock_measure as s on s.measure_code = split_part(d.measure_code, '@', 1)
group by 1, 2, 3, 4, 5, 6, 7
having sum(d.value) <> 0
on conflict (unit_code, measure_code, quarter, procedure_code, intake, channel, online_level) do update
    set value = q.value + excluded.value
