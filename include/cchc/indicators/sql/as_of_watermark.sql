-- How far every source had delivered: the end of the newest window that was loaded by then. A rebuild writes the ledger
-- anew, so the run that first brought a delivery says when, where it says that the source was loaded.
create temporary view watermark as
select
    d.unit_code,
    d.source_code,
    d.dataset,
    max(d.window_to) as complete_to
from landing.delivery as d
where
    exists (
        select 1
        from ops.load_ledger as l
        where l.delivery_id = d.delivery_id and l.loaded_at < current_setting('cchc.as_of')::timestamptz
    )
    or exists (
        select 1
        from landing.run_delivery as b
        inner join ops.source_outcome as o on b.run_id = o.run_id and d.source_code = o.source_code
        where
            b.delivery_id = d.delivery_id
            and o.state in ('loaded', 'unchanged')
            and o.finished_at < current_setting('cchc.as_of')::timestamptz
    )
group by d.unit_code, d.source_code, d.dataset
