-- How much each number moves from one day's last release to the next as a rule, over the last releases before a day. Of
-- shares only moves are counted that would be told: of at least :compared records on both days, half of them the same.
with days as (
    select distinct on (r.reporting_day)
        r.release_id,
        r.reporting_day
    from publish.release as r
    where r.reporting_day < :day
    order by r.reporting_day desc, r.published_at desc
    limit :days
),

moved as (
    select
        v.unit_code,
        v.set_code,
        v.indicator_code,
        abs(v.value - lag(v.value) over before) as by_much,
        least(v.denominator, lag(v.denominator) over before) as fewer,
        greatest(v.denominator, lag(v.denominator) over before) as more
    from (
        select distinct -- a balance may stand in several periods
            i.unit_code,
            i.set_code,
            i.indicator_code,
            i.value,
            i.denominator,
            d.reporting_day,
            case when not i.set_code || '/' || i.indicator_code = any(cast(:balances as text[])) then i.period_from end as begins
        from publish.indicator_value as i
        inner join days as d on i.release_id = d.release_id and i.period_to = d.reporting_day
    ) as v
    window before as (partition by v.unit_code, v.set_code, v.indicator_code, v.begins order by v.reporting_day)
)

select
    m.unit_code,
    m.set_code,
    m.indicator_code,
    avg(m.by_much) as by_much
from moved as m
where m.by_much is not null and (m.more is null or (m.fewer >= :compared and 2 * m.fewer >= m.more))
group by m.unit_code, m.set_code, m.indicator_code
having count(*) >= :least
