-- What an earlier run of the same night said and is no longer true is not sent.
delete from ops.outbox
where reporting_day = :day and kind = :kind and sent_at is null and not (recipient = any(:recipients))
