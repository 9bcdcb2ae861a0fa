-- The documents of some units that can have come or gone in a span of days, by index: those that were registered in it, and
-- those that a message of it is about, for an update may move the day of its document.
select
    c.unit_code,
    c.source_code,
    c.direction,
    c.document_code
from core.document as c
where c.unit_code = any(:units) and c.registered_on between :first_day and :last_day
union
select
    m.unit_code,
    m.source_code,
    m.direction,
    unnest(string_to_array(m.concerns, ';')) as document_code
from core.document as m
where m.unit_code = any(:units) and m.registered_on between :first_day and :last_day and m.concerns is not null
