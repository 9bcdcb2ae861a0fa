-- Nothing of a refused record is kept. Every record of a delivery has a number, so the numbers that no staged row has are those
-- of the refused ones; here with what stands before and after them. Nothing where staging was tidied since.
with staged as (
    select
        s.row_no,
        s.page
    from stg.{dataset} as s
    where s.run_id = :run_id and s.delivery_id = :delivery_id
),

beside as (
    select
        row_no,
        page,
        lag(row_no, 1, 0::bigint) over in_order as before_no,
        lag(page) over in_order as before_page
    from (
        select * from staged
        union all
        select
            :received + 1 as row_no,
            null as page
    ) as with_end
    window in_order as (order by row_no)
)

select
    before_no + 1 as first_no,
    row_no - 1 as last_no,
    before_page,
    page as after_page
from beside
where row_no > before_no + 1 and (select count(*) from staged) = :landed
order by first_no
