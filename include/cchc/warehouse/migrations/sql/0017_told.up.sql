-- A night that is cut off after its pulls has found things of which nobody is told: the next one reads fewer days.
alter table ops.run add column told_in uuid;
update ops.run set told_in = run_id;

-- Of which runs the messages of a reporting day speak, source by source: the newest, and those before it that nobody was
-- told of.
create view ops.run_to_tell as
select
    n.reporting_day,
    n.source_code,
    o.run_id,
    o.refused
from ops.newest_outcome as n
inner join ops.run as newest on n.run_id = newest.run_id
inner join ops.source_outcome as o on n.source_code = o.source_code
inner join ops.run as r on o.run_id = r.run_id
where
    o.run_id = n.run_id
    or (
        r.kind <> 'replay' and r.started_at < newest.started_at and (
            r.told_in is null
            or r.told_in in (select s.run_id from ops.run as s where s.reporting_day = n.reporting_day)
        )
        and r.told_in is distinct from r.run_id
    );
