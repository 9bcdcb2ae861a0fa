-- Counts, and the records behind them. Days are those of Cao Bằng; a report month runs from the 15th to the 14th.

create view report.measure_day with (security_invoker = true) as
select
    m.unit_code,
    u.unit_name,
    u.unit_group,
    u.unit_group_name,
    m.day,
    to_char(m.day, 'YYYY-MM') as calendar_month,
    to_char(date_trunc('month', (m.day - 14)::timestamp) + interval '1 month', 'YYYY-MM') as report_month,
    m.dataset,
    m.measure_code,
    d.title as measure_name,
    d.unit as measure_unit,
    d.kind = 'stock' as is_stock,
    nullif(split_part(m.measure_code, '@', 2), '') as on_time_rule,
    nullif(m.procedure_code, '') as procedure_code,
    c.procedure_name,
    c.field_name,
    nullif(m.intake, '') as intake,
    case m.intake when 'one_stop' then 'trên phần mềm một cửa' when 'direct' then 'trực tiếp tại đơn vị, ghi trong sổ' end
        as intake_name,
    nullif(m.channel, '') as channel,
    case m.channel
        when 'direct' then 'trực tiếp'
        when 'online' then 'trực tuyến'
        when 'post' then 'bưu chính công ích'
        when 'unknown' then 'nguồn không cho biết'
    end as channel_name,
    nullif(m.online_level, '') as online_level,
    m.value
from mart.measure_day as m
left join report.unit as u on m.unit_code = u.unit_code
left join core.measure as d on split_part(m.measure_code, '@', 1) = d.measure_code
left join report.procedure_name as c on m.procedure_code = c.procedure_code;

-- How many were open at the end of each month; of the month of the newest release, on its day.
create view report.stock_month with (security_invoker = true) as
with newest as (select max(r.reporting_day) as day from publish.release as r),

moved as (
    select
        m.unit_code,
        m.measure_code,
        date_trunc('month', m.day)::date as month,
        sum(m.value) as value
    from mart.measure_day as m
    inner join core.stock_measure as s on split_part(m.measure_code, '@', 1) = s.measure_code
    cross join newest as n
    where m.day <= n.day
    group by m.unit_code, m.measure_code, date_trunc('month', m.day)
),

begun as (
    select
        v.unit_code,
        v.measure_code,
        min(v.month) as month
    from moved as v
    group by v.unit_code, v.measure_code
)

select
    b.unit_code,
    u.unit_name,
    u.unit_group,
    b.measure_code,
    d.title as measure_name,
    nullif(split_part(b.measure_code, '@', 2), '') as on_time_rule,
    to_char(g.month, 'YYYY-MM') as calendar_month,
    least((g.month + interval '1 month' - interval '1 day')::date, n.day) as as_of,
    sum(coalesce(v.value, 0)) over (partition by b.unit_code, b.measure_code order by g.month)::bigint as value
from begun as b
cross join newest as n
cross join lateral generate_series(b.month::timestamp, n.day::timestamp, interval '1 month') as g (month)
left join moved as v on b.unit_code = v.unit_code and b.measure_code = v.measure_code and g.month::date = v.month
left join report.unit as u on b.unit_code = u.unit_code
left join core.measure as d on split_part(b.measure_code, '@', 1) = d.measure_code;

-- Without its code, by which a dossier is looked up at a portal: who may have that reads own_dossier.
create view report.dossier with (security_invoker = true) as
select
    d.unit_code,
    u.unit_name,
    u.unit_group,
    d.source_code,
    s.source_name,
    d.procedure_code,
    c.procedure_name,
    d.field_code,
    c.field_name,
    d.intake,
    d.channel,
    d.online_level,
    d.status,
    case d.status
        when 'registered' then 'mới đăng ký'
        when 'received' then 'được tiếp nhận'
        when 'not_accepted' then 'không được tiếp nhận'
        when 'processing' then 'đang xử lý'
        when 'supplement' then 'yêu cầu bổ sung giấy tờ'
        when 'payment' then 'yêu cầu thực hiện nghĩa vụ tài chính'
        when 'withdrawn' then 'công dân rút'
        when 'stopped' then 'dừng xử lý'
        when 'finished' then 'đã xử lý xong'
        when 'returned' then 'đã trả kết quả'
    end as status_name,
    (d.received_at at time zone 'Asia/Ho_Chi_Minh')::date as received_on,
    (p.due_at at time zone 'Asia/Ho_Chi_Minh')::date as due_on,
    (d.finished_at at time zone 'Asia/Ho_Chi_Minh')::date as finished_on,
    (d.returned_at at time zone 'Asia/Ho_Chi_Minh')::date as returned_on,
    d.received_at,
    p.due_at,
    d.finished_at,
    d.returned_at,
    s.on_time_rule,
    case
        when d.status in ('finished', 'returned')
            then core.on_time_outcome(
                    s.on_time_rule, p.due_at, d.finished_at, d.returned_at, d.supplement_at, d.supplement_completed_at,
                    d.extended_at
                )
    end as outcome,
    d.paid_online,
    d.has_duty,
    d.post_in,
    d.post_out,
    d.electronic_result,
    d.components_digitised
from core.dossier as d
left join report.source as s on d.source_code = s.source_code
left join report.unit as u on d.unit_code = u.unit_code
left join report.procedure_name as c on d.procedure_code = c.procedure_code
cross join lateral (select core.promised_at(s.on_time_rule, d.due_at, d.own_due_at) as due_at limit 1) as p;

create view report.own_dossier with (security_invoker = true) as
select
    d.unit_code,
    d.source_code,
    d.dossier_code,
    d.procedure_code,
    c.procedure_name,
    d.field_code,
    c.field_name,
    d.intake,
    d.channel,
    d.status,
    d.received_at,
    d.due_at,
    d.finished_at,
    d.returned_at
from core.dossier as d
left join report.procedure_name as c on d.procedure_code = c.procedure_code;

create view report.document_day with (security_invoker = true) as
select
    d.unit_code,
    u.unit_name,
    u.unit_group,
    d.registered_on as day,
    to_char(d.registered_on, 'YYYY-MM') as calendar_month,
    d.direction,
    case d.direction when 'in' then 'văn bản đến' when 'out' then 'văn bản đi' end as direction_name,
    d.form,
    case d.form
        when 'electronic' then 'chỉ điện tử' when 'paper' then 'chỉ bản giấy' when 'parallel' then 'song song điện tử và giấy'
    end as form_name,
    d.document_type,
    d.is_signed,
    count(*) as documents,
    count(*) filter (where d.due_on is not null) as with_due_day,
    count(*) filter (where d.done_on <= d.due_on) as done_in_time,
    count(*) filter (where d.done_on > d.due_on) as done_late
from core.document as d
left join report.unit as u on d.unit_code = u.unit_code
group by d.unit_code, u.unit_name, u.unit_group, d.registered_on, d.direction, d.form, d.document_type, d.is_signed;

create view report.procedure with (security_invoker = true) as
select
    p.unit_code,
    u.unit_name,
    u.unit_group,
    p.source_code,
    p.procedure_code,
    p.title as procedure_name,
    p.field_code,
    p.field_title as field_name,
    p.valid_from,
    p.valid_to,
    p.valid_from <= l.today and coalesce(p.valid_to >= l.today, true) as is_in_force,
    p.online_level,
    p.term_value,
    p.term_unit,
    p.needs_result,
    p.has_fee,
    p.announced_on,
    p.published_on,
    w.reviewed_on,
    w.shorter_term_proposed
from core.procedure as p
cross join (select (clock_timestamp() at time zone 'Asia/Ho_Chi_Minh')::date as today) as l
left join report.unit as u on p.unit_code = u.unit_code
left join
    lateral (
        select
            r.reviewed_on,
            r.shorter_term_proposed
        from core.procedure_review as r
        where r.unit_code = p.unit_code and r.procedure_code = p.procedure_code
        order by r.reviewed_on desc, r.source_code asc
        limit 1
    ) as w
    on true;

-- A row a finding, of the unit that was inspected, as of the newest night's day; of one that stands in two registers the newest
-- word. When it is overdue the pages say by the same rule (indicators/inspections.py).
create view report.inspection with (security_invoker = true) as
with finding as (
    select distinct on (i.inspected_unit, i.inspection_code, i.finding_code)
        i.inspected_unit,
        i.inspection_code,
        i.finding_code,
        i.inspected_on,
        i.inspector,
        i.topic,
        i.finding_kind,
        i.summary,
        i.due_on,
        i.evidence,
        n.day,
        case when i.done_on <= n.day then i.done_on end as done_by_then
    from core.inspection as i
    cross join (select max(r.reporting_day) as day from ops.run as r where r.kind = 'sync') as n
    where i.inspected_on <= n.day
    order by
        i.inspected_unit asc, i.inspection_code asc, i.finding_code asc, i.pulled_at desc, i.unit_code asc, i.source_code asc
),

judged as (
    select
        f.*,
        case
            when f.finding_kind = 'commendation' then 'noted'
            when f.done_by_then is not null then 'done'
            when f.due_on < f.day then 'overdue'
            else 'open'
        end as state
    from finding as f
)

select
    j.inspected_unit as unit_code,
    u.unit_name,
    u.unit_group,
    j.inspection_code,
    j.finding_code,
    j.inspected_on,
    j.inspector,
    j.topic,
    case j.topic
        when 'planning' then 'chỉ đạo, điều hành cải cách hành chính'
        when 'procedures' then 'thủ tục hành chính'
        when 'one_stop' then 'cơ chế một cửa, một cửa liên thông'
        when 'documents' then 'công tác văn thư'
        when 'archive' then 'công tác lưu trữ'
        when 'discipline' then 'kỷ luật, kỷ cương hành chính và văn hóa công vụ'
        when 'finance' then 'tài chính công'
        when 'it' then 'công nghệ thông tin'
        when 'other' then 'nội dung khác'
    end as topic_name,
    j.finding_kind,
    case j.finding_kind
        when 'finding' then 'tồn tại'
        when 'recommendation' then 'kiến nghị'
        when 'commendation' then 'ghi nhận'
    end as finding_kind_name,
    j.summary,
    j.due_on,
    j.done_by_then as done_on,
    j.evidence,
    j.state,
    case j.state
        when 'overdue' then 'quá hạn'
        when 'open' then 'đang thực hiện'
        when 'done' then 'đã thực hiện'
        when 'noted' then 'không phải thực hiện'
    end as state_name,
    case j.state when 'overdue' then j.day - j.due_on end as days_overdue,
    j.day as as_of
from judged as j
left join report.unit as u on j.inspected_unit = u.unit_code;

create view report.reported_measure with (security_invoker = true) as
select
    m.unit_code,
    u.unit_name,
    u.unit_group,
    m.source_code,
    m.measure_code,
    m.period_from,
    m.period_to,
    m.value,
    m.numerator,
    m.denominator,
    m.ratio,
    m.evidence
from core.reported_measure as m
left join report.unit as u on m.unit_code = u.unit_code;

create view report.quarantine_row with (security_invoker = true) as
select
    q.item_id,
    q.unit_code,
    u.unit_name,
    u.unit_group,
    q.source_code,
    s.source_name,
    q.dataset,
    q.record_key,
    q.page,
    q.rule_code,
    q.severity,
    q.message,
    q.state,
    q.state = 'open' as is_open,
    q.first_seen,
    q.last_seen,
    (coalesce(q.closed_at, clock_timestamp()) at time zone 'Asia/Ho_Chi_Minh')::date
    - (q.first_seen at time zone 'Asia/Ho_Chi_Minh')::date as days,
    q.closed_at,
    q.closed_reason
from quarantine.item as q
left join report.unit as u on q.unit_code = u.unit_code
left join report.source as s on q.source_code = s.source_code;

create view report.scorecard with (security_invoker = true) as
select
    c.unit_code,
    u.unit_name,
    u.unit_group,
    c.reporting_day,
    c.reporting_day = max(c.reporting_day) over () as is_newest,
    c.dimension,
    c.nights,
    c.numerator,
    c.denominator,
    round(100.0 * c.numerator / nullif(c.denominator, 0), 1) as share,
    c.oldest_nights
from quality.scorecard as c
left join report.unit as u on c.unit_code = u.unit_code;

create view report.question with (security_invoker = true) as
select
    q.question_id,
    q.unit_code,
    u.unit_name,
    u.unit_group,
    q.test_code,
    q.span_from as period_from,
    q.span_to as period_to,
    q.sentence,
    q.state,
    q.state = 'open' as is_open,
    q.asked_at,
    q.answered_at,
    q.answered_by,
    q.answer
from quality.question as q
left join report.unit as u on q.unit_code = u.unit_code;
