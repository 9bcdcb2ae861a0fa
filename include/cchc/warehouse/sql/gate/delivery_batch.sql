-- The deliveries of the run with one column per rule over whole deliveries (1: broken), as `batch` has it for rows.
create or replace view {view} as
select
    s.*,
    {rule_columns}
from stg.delivery as s
where s.run_id = '{run_id}'
