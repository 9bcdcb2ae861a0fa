-- Everything of some units that waits to be corrected, also from nights before: the first rows, and how many there are.
select
    unit_code,
    source_code,
    dataset,
    record_key,
    rule_code,
    message,
    page,
    row_no,
    (first_seen at time zone :zone)::date as first_seen,
    (clock_timestamp() at time zone :zone)::date - (first_seen at time zone :zone)::date + 1 as nights,
    count(*) over () as in_all
from quarantine.item
where state = 'open' and (:everything or unit_code = any(cast(:units as text[])))
order by unit_code, source_code, dataset, record_key, rule_code
limit :most
