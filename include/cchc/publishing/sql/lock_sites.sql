-- One copy of the sites at a time, on whichever machine; the lock goes with its session.
select pg_advisory_lock(hashtextextended('sites', 0))
