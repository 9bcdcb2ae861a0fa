-- One question a unit, test and span. Asked again it keeps the moment it was first asked; what was answered stays so
-- unless the figures grew by more than :growth since, and the answer stays beside it.
insert into quality.question as q (
    unit_code, test_code, span_from, span_to, reporting_day, sentence, figures, size
)
values (
    :unit_code, :test_code, :span_from, :span_to, :reporting_day, :sentence, cast(:figures as jsonb), :size
)
on conflict (unit_code, test_code, span_from) do update set
    reporting_day = excluded.reporting_day,
    sentence = excluded.sentence,
    figures = excluded.figures,
    size = excluded.size,
    state = case
        when q.answered_size is not null and excluded.size <= q.answered_size * (1 + cast(:growth as double precision))
            then 'answered'
        else 'open'
    end
