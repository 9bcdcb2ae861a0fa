-- Sources whose newest delivery of a dataset is held: what came before stays in the numbers.
select
    source_code,
    dataset,
    reason
from (
    select distinct on (source_code, dataset)
        source_code,
        dataset,
        state,
        reason
    from landing.delivery
    order by source_code, dataset, pulled_at desc
) as newest
where state = 'held'
order by source_code, dataset
