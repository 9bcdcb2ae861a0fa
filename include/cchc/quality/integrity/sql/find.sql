select
    q.question_id,
    q.unit_code,
    q.test_code,
    q.span_from,
    q.span_to,
    q.reporting_day,
    q.sentence,
    q.figures,
    q.state,
    q.asked_at,
    q.answered_by,
    q.answer,
    q.answered_at
from quality.question as q
where
    (cast(:question_id as bigint) is null or q.question_id = :question_id)
    and (cast(:unit as text) is null or q.unit_code = :unit)
    and (cast(:test as text) is null or q.test_code = :test)
    and (cast(:state as text) is null or q.state = :state)
    and (cast(:span_from as date) is null or q.span_from = :span_from)
order by q.span_from desc, q.unit_code asc, q.test_code asc
limit :most
