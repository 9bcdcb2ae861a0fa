-- The night's batch of one dataset with one column per rule (1: broken): the gate's expectations and the violations both
-- read it. A view of this run only, dropped when the gate is done. `beside`: what a dataset's rules look at beside the row.
create or replace view {view} as
select
    s.*,
    {rule_columns}
from (
    select
        staged.*,
        run.reporting_day,
        delivery.window_to,
        {beside_columns}
        num_nulls({key}) = 0
        and min(encode(staged.row_hash, 'hex')) over twins <> max(encode(staged.row_hash, 'hex')) over twins as twins_differ
    from stg.{dataset} as staged
    inner join ops.run as run on staged.run_id = run.run_id
    inner join landing.delivery as delivery on staged.delivery_id = delivery.delivery_id
    {beside_join}
    where staged.run_id = '{run_id}'
    window twins as (partition by staged.delivery_id, {key})
) as s
