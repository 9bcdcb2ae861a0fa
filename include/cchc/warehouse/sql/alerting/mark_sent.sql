update ops.outbox
set sent_at = clock_timestamp(), attempts = attempts + 1, last_error = null
where recipient = :recipient and reporting_day = :reporting_day and kind = :kind
