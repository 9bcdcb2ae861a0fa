-- The night's batch of one dataset with one column per rule (1: broken): the gate's expectations and the violations both
-- read it. A view of this run only, dropped when the gate is done. `beside`: what a dataset's rules look at beside the row.
create or replace view {view} as
with twins as (
    select
        staged.delivery_id,
        {key},
        true as differ
    from stg.{dataset} as staged
    where staged.run_id = '{run_id}'
    group by staged.delivery_id, {key}
    having min(encode(staged.row_hash, 'hex')) <> max(encode(staged.row_hash, 'hex'))
)

select
    s.*,
    {rule_columns}
from (
    select
        staged.*,
        run.reporting_day,
        delivery.window_to,
        {beside_columns}
        coalesce(twins.differ, false) as twins_differ
    from stg.{dataset} as staged
    natural left join twins -- by the delivery and the key, whatever it is; a row without a key has no twin
    inner join ops.run as run on staged.run_id = run.run_id
    inner join landing.delivery as delivery on staged.delivery_id = delivery.delivery_id
    {beside_join}
    where staged.run_id = '{run_id}'
) as s
