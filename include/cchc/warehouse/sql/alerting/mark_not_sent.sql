-- `waiting`: the message was not taken; `sending`: it may have been, the answer never came.
update ops.outbox
set state = :state, last_error = :error
where message_no = :message_no and state <> 'sent'
