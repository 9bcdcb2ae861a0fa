-- One pass over a dataset's staged rows by hand: every predicate once for each row, and only what is broken is looked at again.
insert into bench.broken (dataset, delivery_id, row_no, rule_code, severity, message)
select
    '{dataset}',
    s.delivery_id,
    s.row_no,
    r.rule_code,
    r.severity,
    r.message || coalesce(': ' || case r.rule_code {details} end, '')
from (
    select
        s.*,
        array_remove(array[{codes}], null) as codes
    from (
        select
            staged.*,
            run.reporting_day,
            delivery.window_to,
            {beside_columns}
            coalesce(twins.differ, false) as twins_differ
        from stg.{dataset} as staged
        inner join ops.run as run on staged.run_id = run.run_id
        inner join landing.delivery as delivery on staged.delivery_id = delivery.delivery_id
        {beside_join}
        left join (
            select
                delivery_id,
                {key},
                true as differ
            from stg.{dataset}
            where run_id = '{run_id}'
            group by delivery_id, {key}
            having min(encode(row_hash, 'hex')) <> max(encode(row_hash, 'hex'))
        ) as twins on {twin_join}
        where staged.run_id = '{run_id}'
    ) as s
    offset 0
) as s
cross join unnest(s.codes) as code
inner join (values {rules}) as r (rule_code, severity, message) on code = r.rule_code
