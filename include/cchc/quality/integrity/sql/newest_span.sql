select max(j.span_from) as span_from from quality.judgement as j
