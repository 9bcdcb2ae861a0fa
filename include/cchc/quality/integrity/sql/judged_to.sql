select max(j.reporting_day) as reporting_day from quality.judgement as j where j.span_from = :span_from
