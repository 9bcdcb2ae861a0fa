-- What a later pull said of a record stands: an older extract that comes late opens nothing, but is kept on record. What a
-- person let be stays so as long as the row is the same.
insert into quarantine.item as q (
    unit_code, source_code, dataset, record_key, rule_code, severity, message,
    row_data, delivery_id, row_no, page, mapping_version, state, closed_at
)
select distinct on ({record_key_s}, v.rule_code)
    s.unit_code, s.source_code, '{dataset}', {record_key_s}, v.rule_code, v.severity, v.message,
    to_jsonb(s) - array['run_id', 'delivery_id', 'row_no', 'page', 'row_hash', 'unit_code', 'source_code'],
    s.delivery_id, s.row_no, s.page, :mapping_version,
    case when c.unit_code is null then 'open' else 'corrected' end,
    case when c.unit_code is not null then clock_timestamp() end
from stg.{dataset} as s
inner join stg.violation as v
    on s.run_id = v.run_id and s.delivery_id = v.delivery_id and s.row_no = v.row_no
left join core.{dataset} as c
    on
        s.unit_code = c.unit_code and s.source_code = c.source_code and {key_join_s}
        and c.pulled_at > cast(:pulled_at as timestamptz)
where
    s.run_id = :run_id and s.delivery_id = :delivery_id and v.severity in ('critical', 'warning')
    and not exists (
        select 1
        from quarantine.item as known
        inner join landing.delivery as later on known.delivery_id = later.delivery_id
        where
            known.unit_code = s.unit_code and known.source_code = s.source_code and known.dataset = '{dataset}'
            and known.record_key = {record_key_s} and known.rule_code = v.rule_code
            and known.last_seen >= cast(:since as timestamptz) and later.pulled_at > cast(:pulled_at as timestamptz)
    )
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
    state = case
        when q.state = 'waived' and q.row_data = excluded.row_data and excluded.state = 'open' then 'waived'
        else excluded.state
    end,
    closed_at = case
        when q.state = 'waived' and q.row_data = excluded.row_data and excluded.state = 'open' then q.closed_at
        else excluded.closed_at
    end
