select pg_advisory_unlock(:space, :message_no)
