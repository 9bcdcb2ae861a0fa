-- How far each source is loaded: a source is as far as the dataset that lags most.
select
    source_code,
    min(complete_to) as complete_to
from ops.watermark
group by source_code
