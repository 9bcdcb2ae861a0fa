-- The rows of each unit that wait to be corrected, the first :most of them.
with waits as (
    select
        *,
        row_number() over (
            partition by unit_code order by source_code, dataset, record_key, rule_code
        ) as place
    from quarantine.item
    where state = 'open'
)

select
    unit_code,
    source_code,
    dataset,
    record_key,
    rule_code,
    message,
    page,
    (first_seen at time zone :zone)::date as first_seen
from waits
where place <= :most
order by unit_code, place
