-- Up to which day those datasets of a source are complete that were read from the beginning of its history on. A dataset that
-- its profile has no more says nothing; a history that was set to begin earlier was not read from there yet.
select
    min(w.complete_to) as complete_to,
    count(*) as datasets
from ops.watermark as w
where
    w.unit_code = :unit_code and w.source_code = :source_code and w.dataset = any(:datasets)
    and :history_from >= coalesce((
        select min(d.window_from)
        from landing.delivery as d
        inner join ops.load_ledger as l on d.delivery_id = l.delivery_id
        where d.unit_code = w.unit_code and d.source_code = w.source_code and d.dataset = w.dataset
    ), :history_from)
