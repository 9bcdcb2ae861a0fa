-- How far each dataset of each source is loaded, for each unit that it has belonged to.
select
    unit_code,
    source_code,
    dataset,
    complete_to
from ops.watermark
