-- Days of the calendar changed: when terms end that can run over one of them is to be worked out again.
update core.dossier as d
set own_due_stale = true
where
    d.unit_code = :unit
    and not d.own_due_stale
    and d.received_at < (cast(:last as date) + 1)::timestamp at time zone 'Asia/Ho_Chi_Minh'
    and (
        d.own_due_at is null
        or d.own_due_at >= cast(:first as date)::timestamp at time zone 'Asia/Ho_Chi_Minh'
    )
