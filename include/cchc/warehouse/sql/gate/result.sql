insert into stg.gate_result (run_id, dataset, rule_code, severity, checked, unexpected, raised)
values (:run_id, :dataset, :rule_code, :severity, :checked, :unexpected, :raised)
