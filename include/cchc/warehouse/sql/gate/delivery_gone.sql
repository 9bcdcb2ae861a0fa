-- What each delivery that proves anything had to show, and what of it is not in it any more: when it is loaded, that leaves
-- the warehouse. Not asked of one that was loaded as it is. Set operations: staged rows have no statistics here.
with known as materialized (
    select
        d.delivery_id,
        {key_c}
    from stg.delivery as d
    inner join landing.delivery as l on d.delivery_id = l.delivery_id
    inner join core.{dataset} as c
        on
            d.unit_code = c.unit_code and d.source_code = c.source_code
            and {happened_in_c}
            and c.pulled_at < l.pulled_at
    where
        d.run_id = :run_id and d.dataset = '{dataset}' and d.proves_from is not null
        and not exists (
            select 1
            from ops.load_ledger as done
            where done.delivery_id = d.delivery_id and done.pulled_at = l.pulled_at
        )
),

gone as (
    select
        k.delivery_id,
        count(*) as records
    from (
        select * from known
        except
        select
            s.delivery_id,
            {key_s}
        from stg.{dataset} as s
        where s.run_id = :run_id
    ) as k
    group by k.delivery_id
),

counted as (
    select
        k.delivery_id,
        count(*) as known
    from known as k
    group by k.delivery_id
)

update stg.delivery as d
set
    vanished = coalesce(gone.records, 0),
    -- of a register also what its last file had: the worse of the two is what a person is asked about
    known = case
        when d.is_register and coalesce(d.gone, 0) >= coalesce(gone.records, 0) then coalesce(d.known, counted.known)
        else counted.known
    end,
    gone = case
        when d.is_register and coalesce(d.gone, 0) >= coalesce(gone.records, 0) then coalesce(d.gone, 0)
        else coalesce(gone.records, 0)
    end
from counted
left join gone on counted.delivery_id = gone.delivery_id
where d.run_id = :run_id and d.delivery_id = counted.delivery_id
