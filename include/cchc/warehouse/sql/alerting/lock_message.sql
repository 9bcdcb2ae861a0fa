-- Held by the session of the sender that is at a message: a killed sender's session ends, and with it the lock.
select pg_try_advisory_lock(:space, :message_no)
