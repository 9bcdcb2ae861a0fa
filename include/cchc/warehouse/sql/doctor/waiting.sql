-- What waits for somebody. A record has an item in the quarantine for every rule that it breaks.
select
    (
        select count(*) from (
            select distinct
                unit_code,
                source_code,
                dataset,
                record_key
            from quarantine.item
            where state = 'open'
        ) as record
    ) as open_records,
    (select count(*) from quarantine.item where state = 'open') as open_faults,
    (select count(distinct unit_code) from quarantine.item where state = 'open') as open_units,
    (
        select count(*) from ops.outbox
        where sent_at is null and (not_before is null or not_before <= clock_timestamp())
    ) as unsent,
    (
        select max(last_error) from ops.outbox
        where sent_at is null and (not_before is null or not_before <= clock_timestamp())
    ) as mail_error,
    (select count(*) from ops.touched_day) + (select count(*) from ops.stale_mart) as touched,
    (
        select count(*) from ops.run
        where state = 'running' and started_at >= clock_timestamp() - make_interval(hours => :hours)
    ) as running
