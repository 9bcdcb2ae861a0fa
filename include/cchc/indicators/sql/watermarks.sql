-- Up to which day each source has delivered each dataset.
select
    w.source_code,
    w.dataset,
    w.complete_to
from ops.watermark as w
where w.source_code = any(:sources)
