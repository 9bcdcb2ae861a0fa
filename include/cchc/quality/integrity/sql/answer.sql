update quality.question
set
    state = 'answered',
    answered_by = :by,
    answer = :answer,
    answered_at = clock_timestamp(),
    answered_size = size
where question_id = :question_id and state in ('open', 'answered')
