insert into ops.delivery_decision (delivery_id, unit_code, source_code, decision, decided_by, reason, held_because)
values (:delivery_id, :unit_code, :source_code, :decision, :decided_by, :reason, :held_because)
