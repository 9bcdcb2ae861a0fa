-- What the source had on the days of which this delivery shows everything, and has no more: neither good nor bad. What was
-- seen since stays. A set operation: a fresh batch has no statistics that would tell the planner how to join.
create temporary table load_gone on commit drop as
with known as materialized (
    select c.*
    from core.{dataset} as c
    where
        c.unit_code = :unit_code and c.source_code = :source_code
        and {happened_in_c}
        and c.pulled_at < cast(:pulled_at as timestamptz)
)

select
    c.*,
    {record_key_c} as record_key
from known as c
natural inner join (
    select {key}
    from known
    except
    select {key_s}
    from stg.{dataset} as s
    where s.run_id = cast(:run_id as uuid) and s.delivery_id = cast(:delivery_id as uuid)
) as missing
