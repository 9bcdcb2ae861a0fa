-- How far each dataset of each source is loaded.
select
    source_code,
    dataset,
    complete_to
from ops.watermark
