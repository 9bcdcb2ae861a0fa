drop view ops.run_to_tell;
drop view ops.newest_outcome;
alter table ops.source_outcome drop column came_back;
alter table ops.source_outcome drop column removed;
alter table ops.load_ledger drop column known;
alter table ops.load_ledger drop column came_back;

create view ops.newest_outcome as
select distinct on (r.reporting_day, o.source_code)
    r.reporting_day,
    o.run_id,
    o.source_code,
    o.unit_code,
    o.state,
    o.error_class,
    o.message,
    o.refused
from ops.source_outcome as o
inner join ops.run as r using (run_id)
where
    r.kind = 'sync'
    -- the load of an approved delivery is the source's outcome where nothing else of that day is held
    or (
        r.kind = 'approval' and not exists (
            select 1
            from ops.run as n
            inner join landing.run_delivery as rd on n.run_id = rd.run_id
            inner join landing.delivery as d on rd.delivery_id = d.delivery_id
            where
                n.reporting_day = r.reporting_day and n.kind = 'sync' and d.source_code = o.source_code
                and d.state = 'held'
        )
    )
order by r.reporting_day asc, o.source_code asc, r.started_at desc;

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
