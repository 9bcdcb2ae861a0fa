-- What is not asked about any more, now that the span was judged again. An answer stays.
update quality.question as q
set state = 'withdrawn', reporting_day = :reporting_day
where
    q.span_from = :span_from and q.state = 'open'
    and not exists (
        select 1
        from quality.judgement as j
        where
            j.unit_code = q.unit_code and j.test_code = q.test_code and j.span_from = q.span_from
            and j.verdict = 'asked'
    )
