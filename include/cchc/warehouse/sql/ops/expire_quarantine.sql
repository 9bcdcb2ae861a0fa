-- Nobody has shown these rows for long: they are out of every window that is still read.
update quarantine.item
set state = 'expired', closed_at = clock_timestamp()
where state = 'open' and last_seen < clock_timestamp() - make_interval(days => :days)
