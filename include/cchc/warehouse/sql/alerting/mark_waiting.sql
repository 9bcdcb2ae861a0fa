-- The mail server could not be reached: note it on everything that waits and that no other sender is sending.
update ops.outbox
set attempts = attempts + 1, last_error = :error
where (recipient, reporting_day, kind) in (
    select
        recipient,
        reporting_day,
        kind
    from ops.outbox
    where sent_at is null
    for update skip locked
)
