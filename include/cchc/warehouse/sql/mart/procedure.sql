-- Procedure events: stocks of the procedures in force, +1 the day a version starts, -1 the day after it ends.
-- A later version ends the earlier one, also where the register leaves its end open.
-- Announcing and publishing count on their own days: a procedure once a day, also where several versions or registers
-- state it, and late where one of them is late (index 766, 1.1 and 1.2).
select
    p.unit_code,
    e.day,
    e.measure_code,
    p.procedure_code,
    '' as intake,
    '' as channel,
    p.online_level,
    e.value,
    p.source_code,
    p.procedure_code || ' ' || p.valid_from as record_code,
    p.delivery_id,
    p.row_no,
    jsonb_build_object(
        'valid_from', p.valid_from, 'valid_to', p.valid_to,
        'announced', p.announced_on, 'announce_due', p.announce_due_on,
        'published', p.published_on, 'publish_due', p.publish_due_on
    ) as dates
from (
    select
        v.*,
        least(v.valid_to + 1, lead(v.valid_from) over versions) as over_on,
        v.term_unit = lag(v.term_unit) over versions and v.term_value < lag(v.term_value) over versions as is_cut,
        row_number() over (announced order by v.valid_from, v.source_code) = 1 as is_announcement,
        bool_and(v.announced_on <= v.announce_due_on) over announced as announced_on_time,
        row_number() over (published order by v.valid_from, v.source_code) = 1 as is_publication,
        bool_and(v.published_on <= v.publish_due_on) over published as published_on_time
    from core.procedure as v
    window
        versions as (partition by v.unit_code, v.source_code, v.procedure_code order by v.valid_from),
        announced as (partition by v.unit_code, v.procedure_code, v.announced_on),
        published as (partition by v.unit_code, v.procedure_code, v.published_on)
) as p
cross join
    lateral (
        select
            stock.measure_code,
            turn.day,
            turn.value
        from (
            values
            ('procedures_listed', true),
            ('procedures_level_4', p.online_level = '4'),
            ('procedures_online', p.online_level in ('partial', 'full', '3', '4')),
            ('procedures_full', p.online_level in ('full', '4')),
            ('procedures_partial', p.online_level in ('partial', '3')),
            ('procedures_with_fee', p.has_fee),
            ('procedures_for_citizens', p.for_citizens),
            ('procedures_content_full', p.content_full)
        ) as stock (measure_code, counts)
        cross join (values (p.valid_from, 1), (p.over_on, -1)) as turn (day, value)
        where stock.counts
        union all
        select
            flow.measure_code,
            flow.day,
            1 as value
        from (
            values
            ('procedures_announced', p.announced_on, p.is_announcement),
            ('procedures_announced_on_time', p.announced_on, p.is_announcement and p.announced_on_time),
            -- without a time set for it nobody can say that it was kept
            (
                'procedures_announced_late', p.announced_on,
                p.is_announcement and p.announced_on_time is distinct from true
            ),
            ('procedures_published', p.published_on, p.is_publication),
            ('procedures_published_on_time', p.published_on, p.is_publication and p.published_on_time),
            ('procedures_term_cut', p.valid_from, p.is_cut)
        ) as flow (measure_code, day, counts)
        where flow.counts
    ) as e
where e.day is not null
