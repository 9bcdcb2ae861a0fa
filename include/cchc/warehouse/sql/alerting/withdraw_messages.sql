-- What an earlier run of the same night said and is no longer true is not sent.
delete from ops.outbox
where
    reporting_day = :day and kind = :kind and state = 'waiting'
    and not (recipient || chr(10) || channel = any(cast(:kept as text[])))
