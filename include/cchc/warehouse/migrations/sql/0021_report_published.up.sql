-- What was published and closed, as it was.

create view report.release with (security_invoker = true) as
select
    r.release_id,
    r.reporting_day,
    r.published_at,
    r.sources_expected,
    r.sources_fresh,
    row_number() over (order by r.reporting_day desc, r.published_at desc, r.release_id desc) = 1 as is_newest,
    row_number() over (partition by r.reporting_day order by r.published_at desc, r.release_id desc) = 1
        as is_newest_of_day
from publish.release as r;

create view report.indicator_by_release with (security_invoker = true) as
select
    r.release_id,
    r.reporting_day,
    r.published_at,
    r.is_newest,
    r.is_newest_of_day,
    v.unit_code,
    u.unit_name,
    u.unit_group,
    u.unit_group_name,
    v.set_code,
    i.set_title as set_name,
    v.indicator_code,
    i.title as indicator_name,
    i.unit as indicator_unit,
    i.position as indicator_position,
    i.better,
    v.period_from,
    v.period_to,
    v.value,
    v.numerator,
    v.denominator,
    v.printed as value_text,
    v.reason,
    v.coverage,
    v.fresh_to
from publish.indicator_value as v
inner join report.release as r on v.release_id = r.release_id
left join report.unit as u on v.unit_code = u.unit_code
left join core.indicator as i on v.set_code = i.set_code and v.indicator_code = i.indicator_code;

create view report.indicator with (security_invoker = true) as
select
    v.unit_code,
    v.unit_name,
    v.unit_group,
    v.unit_group_name,
    v.set_code,
    v.set_name,
    v.indicator_code,
    v.indicator_name,
    v.indicator_unit,
    v.indicator_position,
    v.better,
    v.period_from,
    v.period_to,
    v.value,
    v.numerator,
    v.denominator,
    v.value_text,
    v.reason,
    v.coverage,
    v.fresh_to,
    v.reporting_day,
    v.release_id
from report.indicator_by_release as v
where v.is_newest;

-- The unit is the one that is scored; who delivered the portal's table is another.
create view report.index_score with (security_invoker = true) as
select
    c.unit_code,
    u.unit_name,
    u.unit_group,
    s.department_code,
    s.period_from,
    s.period_to,
    s.group_code,
    g.title as group_name,
    nullif(s.component_code, '') as component_code,
    case when s.component_code <> '' then i.title end as component_name,
    s.component_code = '' as is_group,
    s.numerator,
    s.denominator,
    s.ratio,
    s.score,
    s.max_score,
    s.quality
from core.official_score as s
left join
    lateral (
        select uc.unit_code
        from core.unit_code as uc
        where uc.code_system = 'portal766' and uc.code = s.department_code and uc.valid_from <= s.period_to
        order by uc.valid_from desc
        limit 1
    ) as c
    on true
left join report.unit as u on c.unit_code = u.unit_code
left join core.indicator as g on g.set_code = 'qd766' and g.indicator_code = s.group_code || '/'
left join core.indicator as i on i.set_code = 'qd766' and i.indicator_code = s.group_code || '/' || s.component_code;

create view report.closed_period with (security_invoker = true) as
select
    p.calendar,
    p.period,
    p.revision,
    p.period_from,
    p.period_to,
    p.revision = max(p.revision) over (partition by p.calendar, p.period) as is_newest_revision,
    p.reporting_day,
    p.closed_at,
    p.closed_by,
    p.note,
    p.sources_expected,
    p.sources_complete,
    o.reopened_at,
    o.reopened_by,
    o.reason as reopened_because
from publish.closed_period as p
left join publish.reopening as o on p.calendar = o.calendar and p.period = o.period and p.revision = o.revision;

create view report.closed_value with (security_invoker = true) as
select
    v.calendar,
    v.period,
    v.revision,
    p.period_from,
    p.period_to,
    p.is_newest_revision,
    p.closed_at,
    v.unit_code,
    u.unit_name,
    u.unit_group,
    v.set_code,
    i.set_title as set_name,
    v.indicator_code,
    i.title as indicator_name,
    i.unit as indicator_unit,
    v.value,
    v.numerator,
    v.denominator,
    v.printed as value_text,
    v.reason,
    v.coverage,
    v.fresh_to
from publish.closed_value as v
inner join report.closed_period as p on v.calendar = p.calendar and v.period = p.period and v.revision = p.revision
left join report.unit as u on v.unit_code = u.unit_code
left join core.indicator as i on v.set_code = i.set_code and v.indicator_code = i.indicator_code;

-- What a revision changed of the one before it.
create view report.closed_difference with (security_invoker = true) as
select
    coalesce(v.calendar, b.calendar) as calendar,
    coalesce(v.period, b.period) as period,
    coalesce(v.revision, b.revision + 1) as revision,
    coalesce(v.period_from, b.period_from) as period_from,
    coalesce(v.period_to, b.period_to) as period_to,
    n.closed_at,
    coalesce(v.unit_code, b.unit_code) as unit_code,
    coalesce(v.unit_name, b.unit_name) as unit_name,
    coalesce(v.unit_group, b.unit_group) as unit_group,
    coalesce(v.set_code, b.set_code) as set_code,
    coalesce(v.set_name, b.set_name) as set_name,
    coalesce(v.indicator_code, b.indicator_code) as indicator_code,
    coalesce(v.indicator_name, b.indicator_name) as indicator_name,
    coalesce(v.indicator_unit, b.indicator_unit) as indicator_unit,
    b.value as value_before,
    v.value,
    v.value - b.value as difference,
    b.value_text as value_text_before,
    v.value_text,
    b.reason as reason_before,
    v.reason
from report.closed_value as v
full join report.closed_value as b
    on
        v.calendar = b.calendar and v.period = b.period and v.revision = b.revision + 1
        and v.unit_code = b.unit_code and v.set_code = b.set_code and v.indicator_code = b.indicator_code
inner join publish.closed_period as n -- the later one: the first has nothing to differ from, the last no successor
    on
        coalesce(v.calendar, b.calendar) = n.calendar and coalesce(v.period, b.period) = n.period
        and coalesce(v.revision, b.revision + 1) = n.revision and n.revision > 0
where
    (v.value, v.numerator, v.denominator, v.reason)
    is distinct from (b.value, b.numerator, b.denominator, b.reason);
