-- After a rebuild: what was not found bad again is no longer bad.
update quarantine.item
set state = 'corrected', closed_at = clock_timestamp()
where
    state <> 'corrected' and unit_code = any(:unit_codes) and source_code = :source_code
    and last_seen < cast(:since as timestamptz)
