-- The channel could not be reached: note it on everything that waits for it.
update ops.outbox
set attempts = attempts + 1, last_error = :error
where message_no in (select d.message_no from ops.outbox_due as d where d.channel = :channel and d.state = 'waiting')
