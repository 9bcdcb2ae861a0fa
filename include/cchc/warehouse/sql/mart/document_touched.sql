-- The documents that can have an event on a touched day, by index: the day they were registered or done, or the day after
-- they were due; also those that an update moves there.
select
    c.source_code,
    c.direction,
    c.document_code
from ops.touched_day as touched
cross join
    lateral (
        select
            r.source_code,
            r.direction,
            r.document_code
        from core.document as r
        where r.unit_code = :unit and r.registered_on = touched.day
        union all
        select
            m.source_code,
            m.direction,
            unnest(string_to_array(m.concerns, ';')) as document_code
        from core.document as m
        where
            m.unit_code = :unit and m.concerns is not null
            and (m.registered_on = touched.day or m.due_on = touched.day - 1)
        union all
        select
            u.source_code,
            u.direction,
            u.document_code
        from core.document as u
        where u.unit_code = :unit and u.due_on = touched.day - 1
        union all
        select
            o.source_code,
            o.direction,
            o.document_code
        from core.document as o
        where o.unit_code = :unit and o.done_on = touched.day
    ) as c
where touched.unit_code = :unit and touched.dataset = 'document'
