-- Some open rows of each unit among the deliveries a night brought, each once with all that is wrong with it, and how many
-- rows the unit has in all: the first row of every mistake, then the second, so that none hides behind the many of another.
with seen as (
    select
        i.unit_code,
        i.source_code,
        i.dataset,
        i.record_key,
        (array_agg(i.page order by i.item_id desc))[1] as page,
        (array_agg(i.row_no order by i.item_id desc))[1] as row_no,
        string_agg(distinct i.message, '; ' order by i.message) as message
    from quarantine.item as i
    inner join landing.run_delivery as rd using (delivery_id)
    inner join ops.run_to_tell as o on rd.run_id = o.run_id and i.source_code = o.source_code
    where i.state = 'open' and o.reporting_day = :day
    group by i.unit_code, i.source_code, i.dataset, i.record_key
),

in_turn as (
    select
        *,
        row_number() over (
            partition by unit_code, source_code, dataset, message order by record_key
        ) as turn,
        count(*) over (partition by unit_code) as of_unit
    from seen
),

numbered as (
    select
        *,
        row_number() over (partition by unit_code order by turn, source_code, dataset, record_key) as place
    from in_turn
)

select
    unit_code,
    source_code,
    dataset,
    record_key,
    message,
    page,
    row_no,
    of_unit
from numbered
where place <= :most
order by unit_code, source_code, dataset, record_key
