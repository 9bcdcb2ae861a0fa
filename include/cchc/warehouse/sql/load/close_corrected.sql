update quarantine.item as q
set state = 'corrected', closed_at = clock_timestamp()
from load_plan as good
where
    q.state = 'open' and q.unit_code = good.unit_code and q.source_code = good.source_code
    and q.dataset = '{dataset}' and q.record_key = {record_key_good}
