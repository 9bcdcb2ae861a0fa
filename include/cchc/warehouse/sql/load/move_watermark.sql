insert into ops.watermark as w (unit_code, source_code, dataset, complete_to, delivery_id)
values (:unit_code, :source_code, :dataset, :window_to, :delivery_id)
on conflict (unit_code, source_code, dataset) do update set
    complete_to = excluded.complete_to,
    delivery_id = excluded.delivery_id,
    moved_at = clock_timestamp()
where w.complete_to < excluded.complete_to
