-- Under which on-time rule, and under which mapping, the sources of these units were last loaded.
select
    s.source_code,
    s.on_time_rule,
    (
        select l.mapping_version
        from landing.delivery as d
        inner join ops.load_ledger as l on d.delivery_id = l.delivery_id
        where d.unit_code = s.unit_code and d.source_code = s.source_code
        order by l.loaded_at desc
        limit 1
    ) as mapping_version
from core.source as s
where s.source_code = any(:sources)
order by s.source_code
