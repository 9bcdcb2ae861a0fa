-- A row without a key cannot come back corrected under it, and one without the day on which it happened is missed by no proof of
-- days: its item is closed by a delivery that reads the same days (or a register, whole) and does not show it any more.
update quarantine.item as q
set state = 'corrected', closed_at = clock_timestamp()
from landing.delivery as shown, landing.delivery as this
where
    q.state <> 'corrected' and q.unit_code = :unit_code and q.source_code = :source_code
    and q.dataset = '{dataset}' and (q.record_key like '{keyless}' || '%' or {dateless_q})
    and shown.delivery_id = q.delivery_id and this.delivery_id = cast(:delivery_id as uuid)
    and shown.delivery_id <> this.delivery_id and shown.pulled_at <= this.pulled_at
    and (
        exists (select 1 from core.source as s where s.source_code = :source_code and s.kind = 'files')
        or (this.window_from <= shown.window_from and this.window_to >= shown.window_to)
    )
