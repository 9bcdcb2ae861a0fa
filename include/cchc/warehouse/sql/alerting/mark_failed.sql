update ops.outbox
set attempts = attempts + 1, last_error = :error
where recipient = :recipient and reporting_day = :reporting_day and kind = :kind
