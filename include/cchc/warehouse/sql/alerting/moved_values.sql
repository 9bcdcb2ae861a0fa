-- Numbers of two releases that are like each other and differ: shares of the same period, up to the earlier day, and
-- balances (:balances, as set/indicator) at the end of the releases' own days, once, whatever periods they stand in.
-- A known number with a reason lacks units: it moves with every one that comes in.
select distinct on (n.unit_code, n.set_code, n.indicator_code, n.begins)
    n.unit_code,
    n.set_code,
    n.indicator_code,
    n.period_from,
    n.period_to,
    b.value as value_before,
    n.value as value_now,
    b.printed as printed_before,
    n.printed as printed_now,
    b.denominator as denominator_before,
    n.denominator as denominator_now,
    n.reason,
    b.coverage as coverage_before,
    n.coverage as coverage_now
from (
    select
        i.*,
        case when not i.set_code || '/' || i.indicator_code = any(cast(:balances as text[])) then i.period_from end as begins
    from publish.indicator_value as i
    where i.release_id = :now
) as n
inner join publish.indicator_value as b
    on n.unit_code = b.unit_code and n.set_code = b.set_code and n.indicator_code = b.indicator_code
where
    b.release_id = :before
    and b.value is not null
    and n.value is distinct from b.value
    and (n.value is null or coalesce(n.reason, b.reason) is null)
    and case
        when n.begins is null then n.period_to = :day_now and b.period_to = :day_before
        else
            n.begins = b.period_from
            and b.period_to = least(n.period_to, cast(:day_before as date))
            and (n.denominator is not null or n.value is null)
            and b.denominator is not null
    end
order by n.unit_code asc, n.set_code asc, n.indicator_code asc, n.begins asc, n.period_from desc, b.period_from desc
