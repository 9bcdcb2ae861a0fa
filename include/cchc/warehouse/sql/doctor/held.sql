-- Sources whose newest delivery of a dataset is held: what came before stays in the numbers.
with ranked as (
    select
        source_code,
        dataset,
        state,
        reason,
        rank() over (partition by source_code, dataset order by pulled_at desc) as age
    from landing.delivery
)

select
    source_code,
    dataset,
    reason
from ranked
where age = 1 and state = 'held'
order by source_code, dataset
