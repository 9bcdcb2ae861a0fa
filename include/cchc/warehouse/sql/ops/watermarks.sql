-- Up to which day those datasets of a source are complete that were read from the beginning of its history on, without a gap. A
-- dataset that its profile has no more says nothing; of a history that was set to begin earlier a night may have read a part.
select
    min(least(w.complete_to, upper(span) - 1)) as complete_to,
    count(*) as datasets
from ops.watermark as w
cross join
    lateral (
        select coalesce(range_agg(daterange(d.window_from, d.window_to, '[]')), datemultirange(daterange(null, null))) as days
        from landing.delivery as d
        inner join ops.load_ledger as l on d.delivery_id = l.delivery_id
        where d.unit_code = w.unit_code and d.source_code = w.source_code and d.dataset = w.dataset
    ) as loaded
cross join lateral unnest(loaded.days) as span
where
    w.unit_code = :unit_code and w.source_code = :source_code and w.dataset = any(:datasets)
    and span @> cast(:history_from as date)
