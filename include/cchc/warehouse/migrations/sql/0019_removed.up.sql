-- Records that their source has no more leave the numbers: how many is a part of what came of the source, and so is how many
-- of those came back.
alter table ops.load_ledger add column came_back bigint not null default 0;
alter table ops.load_ledger add column known bigint; -- of how many that had to be there `removed` were
-- Of the loads before, as far as it is known: the tombstone of a record that was removed again has forgotten it.
update ops.load_ledger as l
set came_back = t.records
from (
    select
        d.delivery_id,
        t.came_back_at,
        count(*) as records
    from core.tombstone as t
    inner join landing.delivery as d
        on
            t.unit_code = d.unit_code and t.source_code = d.source_code and t.dataset = d.dataset
            and t.came_back_at = d.pulled_at
    group by d.delivery_id, t.came_back_at
) as t
where l.delivery_id = t.delivery_id and l.pulled_at = t.came_back_at;

alter table ops.source_outcome add column removed bigint not null default 0;
alter table ops.source_outcome add column came_back bigint not null default 0;
update ops.source_outcome as o
set removed = l.removed, came_back = l.came_back
from (
    select
        this.run_id,
        d.source_code,
        sum(l.removed) as removed,
        sum(l.came_back) as came_back
    from ops.load_ledger as l
    inner join landing.delivery as d on l.delivery_id = d.delivery_id
    inner join ops.run as r on l.run_id = r.run_id
    inner join ops.run as this
        on
            r.run_id = this.run_id
            -- a night that was begun again tells what the day's runs have done
            or (
                r.reporting_day = this.reporting_day and r.started_at <= this.started_at
                and r.kind <> 'replay' and this.kind <> 'replay'
            )
    where l.removed + l.came_back > 0
    group by this.run_id, d.source_code
) as l
where o.run_id = l.run_id and o.source_code = l.source_code;

create or replace view ops.newest_outcome as
select distinct on (r.reporting_day, o.source_code)
    r.reporting_day,
    o.run_id,
    o.source_code,
    o.unit_code,
    o.state,
    o.error_class,
    o.message,
    o.refused,
    o.removed,
    o.came_back
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
