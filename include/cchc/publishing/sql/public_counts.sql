-- What was said to the public before this was published first, the oldest release first; of periods up to their day, by
-- releases of the same day and of those next to it: of earlier ones, and of later ones where a night is made up for.
with earlier as (
    select
        c.ended,
        c.to_date,
        r.reporting_day,
        l.chain_no
    from publish.public_counts as c
    inner join publish.release as r on c.release_id = r.release_id
    inner join publish.chain_link as l on c.release_id = l.release_id
    where
        l.chain_no < coalesce(
            (
                select min(first.chain_no)
                from publish.public_counts as own
                inner join publish.release as same on own.release_id = same.release_id
                inner join publish.chain_link as first on own.release_id = first.release_id
                where same.reporting_day = :day and own.internal_sha256 = :internal_sha256
            ),
            2147483647
        )
)

select
    ended,
    case
        when
            reporting_day = :day
            or row_number() over (
                partition by sign(reporting_day - cast(:day as date))
                order by abs(reporting_day - cast(:day as date)), chain_no desc
            ) = 1
            then to_date
    end as to_date
from earlier
order by chain_no
