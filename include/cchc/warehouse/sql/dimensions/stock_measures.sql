-- The measures that are balances become those of the catalogue; a dataset whose list changes has its marts made anew.
with wanted as (
    select *
    from unnest(cast(:measures as text[]), cast(:datasets as text[])) as w (measure_code, dataset)
),

gone as (
    delete from core.stock_measure as s
    where not exists (select 1 from wanted as w where w.measure_code = s.measure_code and w.dataset = s.dataset)
    returning s.dataset
),

new as (
    insert into core.stock_measure (measure_code, dataset)
    select
        w.measure_code,
        w.dataset
    from wanted as w
    on conflict do nothing
    returning dataset
)

delete from mart.definition
where dataset in (select g.dataset from gone as g) or dataset in (select n.dataset from new as n)
