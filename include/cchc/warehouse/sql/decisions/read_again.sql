-- The days of a delivery that was taken back are to be read again.
update ops.watermark as w
set complete_to = least(w.complete_to, d.window_from - 1), moved_at = clock_timestamp()
from landing.delivery as d
where
    d.delivery_id = :delivery_id and w.unit_code = d.unit_code and w.source_code = d.source_code
    and w.dataset = d.dataset
