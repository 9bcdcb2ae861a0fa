-- What was published, closed or reopened and is no link of the chain.
select r.release_id as name
from publish.release as r
where not exists (select from publish.chain_link as l where l.release_id = r.release_id)
union all
select concat_ws('/', c.calendar, c.period, c.revision)
from publish.closed_period as c
where
    not exists (
        select from publish.chain_link as l
        where l.calendar = c.calendar and l.period = c.period and l.revision = c.revision and not l.is_reopening
    )
union all
select concat_ws('/', o.calendar, o.period, o.revision, 'reopened')
from publish.reopening as o
where
    not exists (
        select from publish.chain_link as l
        where l.calendar = o.calendar and l.period = o.period and l.revision = o.revision and l.is_reopening
    )
order by 1
