-- Alerts and outbox are changed by one transaction at a time, whichever of the two it begins with: none waits for another's rows.
select pg_advisory_xact_lock(hashtextextended('cchc alerts', 0))
