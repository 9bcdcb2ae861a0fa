select
    min(complete_to) as complete_to,
    count(*) as datasets
from ops.watermark
where unit_code = :unit_code and source_code = :source_code
