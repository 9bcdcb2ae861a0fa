insert into quarantine.item as q (
    unit_code, source_code, dataset, record_key, rule_code, severity, message,
    row_data, delivery_id, row_no, page, mapping_version
)
select distinct on ({record_key_s}, v.rule_code)
    s.unit_code, s.source_code, '{dataset}', {record_key_s}, v.rule_code, v.severity, v.message,
    to_jsonb(s) - array['run_id', 'delivery_id', 'row_no', 'page', 'row_hash', 'unit_code', 'source_code'],
    s.delivery_id, s.row_no, s.page, :mapping_version
from stg.{dataset} as s
inner join stg.violation as v
    on s.run_id = v.run_id and s.delivery_id = v.delivery_id and s.row_no = v.row_no
where
    s.run_id = :run_id and s.delivery_id = :delivery_id and v.severity in ('critical', 'warning')
order by {record_key_s}, v.rule_code, s.row_no
on conflict (unit_code, source_code, dataset, record_key, rule_code) do update set
    severity = excluded.severity,
    message = excluded.message,
    row_data = excluded.row_data,
    delivery_id = excluded.delivery_id,
    row_no = excluded.row_no,
    page = excluded.page,
    mapping_version = excluded.mapping_version,
    last_seen = clock_timestamp(),
    state = 'open',
    closed_at = null
