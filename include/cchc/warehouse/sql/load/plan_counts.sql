select
    count(*) as records,
    count(*) filter (where effect in ('same', 'older')) as unchanged
from load_plan
