-- A failure stays told until another attempt says otherwise.
delete from ops.source_outcome
where run_id = :run_id and source_code = :source_code and state <> 'failed'
