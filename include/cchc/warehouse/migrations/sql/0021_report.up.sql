-- What the catalogue calls measures and indicators, for whoever reads the warehouse without it. Written with the units.
create table core.measure (
    measure_code text primary key,
    title text not null, -- Vietnamese
    unit text not null, -- Vietnamese: hồ sơ, văn bản …
    dataset text not null,
    kind text not null check (kind in ('flow', 'stock'))
);

create table core.indicator (
    set_code text not null, -- of an index <index>-<version>; and the index's own code for what the portal states
    indicator_code text not null,
    position integer not null, -- in its set
    set_title text not null,
    title text not null,
    unit text not null,
    better text check (better in ('higher', 'lower')),
    max_score numeric, -- of an index
    basis text not null,
    primary key (set_code, indicator_code)
);

-- Which login reads as which unit: what row-level security asks (cchc role grant LOGIN --as unit --unit CODE).
create table ops.unit_login (
    login text not null,
    unit_code text not null,
    granted_at timestamptz not null default clock_timestamp(),
    granted_by text not null default session_user,
    primary key (login, unit_code)
);

-- A view reads as whoever asks it, so that row-level security holds in it as in its tables.
alter view ops.newest_outcome set (security_invoker = true);
alter view ops.outbox_due set (security_invoker = true);
alter view ops.run_to_tell set (security_invoker = true);
alter view ops.source_schema set (security_invoker = true);

-- What people call a procedure is no unit's own: by this everyone reads it, whichever register states it. Of several words on
-- one procedure the newest that says anything counts, as on the published pages.
create function core.procedure_names()
returns table (procedure_code text, procedure_name text, field_name text)
language sql stable parallel safe security definer set search_path = pg_catalog, pg_temp
as $$
    select
        p.procedure_code,
        (
            array_agg(p.title order by p.valid_from desc, p.unit_code asc, p.source_code asc)
            filter (where p.title is not null)
        )[1],
        (
            array_agg(p.field_title order by p.valid_from desc, p.unit_code asc, p.source_code asc)
            filter (where p.field_title is not null)
        )[1]
    from core.procedure as p
    group by p.procedure_code
$$;

create schema report;

-- One row a code: said once more, so that a question that asks for no name is not made to look for them.
create view report.procedure_name with (security_invoker = true) as
select distinct on (n.procedure_code)
    n.procedure_code,
    n.procedure_name,
    n.field_name
from core.procedure_names() as n
order by n.procedure_code;

-- Units and their records are named by the newest word of the catalogue.
create view report.unit with (security_invoker = true) as
select distinct on (u.unit_code)
    u.unit_code,
    u.name as unit_name,
    u.unit_group,
    case u.unit_group
        when 'department' then 'sở, ban, ngành'
        when 'commune' then 'xã, phường'
        when 'district' then 'huyện (trước 01/7/2025)'
        when 'province' then 'tỉnh'
    end as unit_group_name,
    u.parent_code,
    u.valid_from,
    u.valid_to
from core.unit as u
order by u.unit_code asc, u.valid_from desc;

create view report.source with (security_invoker = true) as
select
    s.source_code,
    coalesce(s.title, s.source_code) as source_name,
    s.unit_code,
    u.unit_name,
    u.unit_group,
    s.kind,
    s.profile_code,
    s.on_time_rule,
    s.expected as is_expected
from core.source as s
left join report.unit as u on s.unit_code = u.unit_code;

create view report.run with (security_invoker = true) as
select
    r.run_id::text as run_id,
    r.reporting_day,
    r.kind,
    r.state,
    case r.state
        when 'running' then 'đang chạy'
        when 'success' then 'đạt, số nguồn lỗi trong mức cho phép'
        when 'over_budget' then 'số nguồn lỗi vượt mức cho phép'
        when 'failed' then 'bị ngắt giữa chừng'
    end as state_name,
    r.started_at,
    r.finished_at,
    round(extract(epoch from r.finished_at - r.started_at)) as seconds,
    cardinality(r.sources) as sources,
    r.note
from ops.run as r;

create view report.source_night with (security_invoker = true) as
select
    r.reporting_day,
    o.unit_code,
    u.unit_name,
    u.unit_group,
    o.source_code,
    s.source_name,
    r.kind as run_kind,
    o.state,
    case o.state
        when 'pulled' then 'đã lấy, chưa nạp'
        when 'loaded' then 'đã nạp'
        when 'unchanged' then 'không có gì mới'
        when 'held' then 'bị giữ lại'
        when 'failed' then 'lỗi'
    end as state_name,
    o.error_class,
    o.message,
    o.received,
    o.loaded,
    o.unchanged,
    o.quarantined,
    o.refused,
    o.removed,
    o.came_back,
    o.started_at,
    o.finished_at,
    o.run_id::text as run_id,
    row_number() over (partition by r.reporting_day, o.source_code order by r.started_at desc, o.run_id asc) = 1
        as is_newest
from ops.source_outcome as o
inner join ops.run as r on o.run_id = r.run_id
left join report.unit as u on o.unit_code = u.unit_code
left join report.source as s on o.source_code = s.source_code;

-- A row a source and kind of records; of a source that never delivered one row without a kind.
create view report.source_freshness with (security_invoker = true) as
select
    s.unit_code,
    s.unit_name,
    s.unit_group,
    s.source_code,
    s.source_name,
    s.is_expected,
    w.dataset,
    w.complete_to,
    n.reporting_day,
    w.complete_to >= n.reporting_day as is_fresh,
    greatest(n.reporting_day - w.complete_to, 0) as days_behind,
    o.state as last_state,
    o.state_name as last_state_name,
    o.message as last_message,
    o.reporting_day as last_reporting_day
from report.source as s
cross join (select max(r.reporting_day) as reporting_day from ops.run as r where r.kind = 'sync') as n
left join ops.watermark as w on s.source_code = w.source_code and s.unit_code = w.unit_code
left join
    lateral (
        select
            h.state,
            h.state_name,
            h.message,
            h.reporting_day
        from report.source_night as h
        where h.source_code = s.source_code and h.is_newest
        order by h.reporting_day desc
        limit 1
    ) as o
    on true;
