delete from quality.judgement where span_from = :span_from
