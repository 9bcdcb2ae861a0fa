-- What a run is in short: whether its day has a release, and of which sources a refused record is no news.
select
    r.reporting_day,
    (select count(*) from publish.release as p where p.reporting_day = r.reporting_day) as releases,
    (
        select coalesce(array_agg(a.source_code), array[]::text[])
        from ops.alert as a
        where a.kind = 'secrecy' and a.closed_day is null and a.cause <> '' and a.changed_day < r.reporting_day
    ) as known_secrecy
from ops.run as r
where r.run_id = :run_id
