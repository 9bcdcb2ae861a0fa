-- How many rows wait to be corrected, by unit, source, dataset and rule, and since which day.
select
    unit_code,
    source_code,
    dataset,
    rule_code,
    count(*) as broken,
    min((first_seen at time zone :zone)::date) as since
from quarantine.item
where state = 'open'
group by unit_code, source_code, dataset, rule_code
order by unit_code, source_code, dataset, rule_code
