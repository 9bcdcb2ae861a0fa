update ops.source_field
set accepted_at = clock_timestamp(), accepted_by = :by
where source_code = :source_code and accepted_at is null
