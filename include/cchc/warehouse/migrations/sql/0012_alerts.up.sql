-- What is wrong, from the night it began until it is mended: told as news once, then only reminded of. What was wrong, and
-- wrong again later, is two rows.
create table ops.alert (
    alert_id bigint generated always as identity primary key,
    kind text not null check (kind in ('source', 'rows', 'secrecy', 'over-budget', 'not-published', 'gate')),
    unit_code text not null, -- '': the province
    source_code text not null default '',
    dataset text not null default '',
    rule_code text not null default '',
    cause text not null default '', -- why, as far as it is told apart: another one is news
    since date not null, -- the first reporting day
    changed_day date not null, -- the reporting day that brought this cause
    last_day date not null, -- the newest reporting day on which it was wrong
    told_at timestamptz, -- when a message about it last went out
    told_day date, -- the reporting day of that message
    times_told integer not null default 0, -- in how many nights
    escalated_day date,
    closed_day date,
    closed_at timestamptz,
    check (last_day >= since),
    check (changed_day between since and last_day),
    check ((closed_day is null) = (closed_at is null))
);
create unique index alert_open on ops.alert (kind, unit_code, source_code, dataset, rule_code) where closed_day is null;
create index alert_closed on ops.alert (closed_day);

-- A message is claimed before it is handed over and finished after. One that is found in `sending` with nobody at it may or
-- may not have arrived: it is handed over again, unchanged and under the same id.
alter table ops.outbox
add column message_no integer generated always as identity unique,
add column channel text not null default 'mail', -- or the name of a CCHC_NOTIFY_ address
add column state text not null default 'waiting' check (state in ('waiting', 'sending', 'sent')),
add column not_before timestamptz, -- the end of the recipient's quiet hours
add column claimed_at timestamptz,
add column alerts bigint[] not null default array[]::bigint[], -- what it tells of
drop constraint outbox_pkey,
add primary key (recipient, reporting_day, kind, channel);
update ops.outbox set state = 'sent' where sent_at is not null;
alter table ops.outbox add constraint outbox_sent check ((state = 'sent') = (sent_at is not null));
create index outbox_waiting on ops.outbox (created_at) where state <> 'sent';

-- What may be tried now. What was refused three times is tried only every six hours: a server that takes a message and then
-- fails to say so would get another copy with every round.
create view ops.outbox_due as
select
    message_no,
    channel,
    state,
    created_at
from ops.outbox
where
    state <> 'sent'
    and (not_before is null or not_before <= clock_timestamp())
    and (attempts < 3 or last_error is null or claimed_at is null or claimed_at < clock_timestamp() - interval '6 hours');

-- What became of each source on a reporting day, by the newest run that read it: a source that is read once more does not
-- hide the others of its night.
create view ops.newest_outcome as
select distinct on (r.reporting_day, o.source_code)
    r.reporting_day,
    o.run_id,
    o.source_code,
    o.unit_code,
    o.state,
    o.error_class,
    o.message,
    o.refused
from ops.source_outcome as o
inner join ops.run as r using (run_id)
where
    r.kind = 'sync'
    -- the load of an approved delivery is the source's outcome where nothing else of that day is held
    or (
        r.kind = 'approval' and not exists (
            select 1
            from ops.run as n
            inner join landing.run_delivery as rd on n.run_id = rd.run_id
            inner join landing.delivery as d on rd.delivery_id = d.delivery_id
            where
                n.reporting_day = r.reporting_day and n.kind = 'sync' and d.source_code = o.source_code
                and d.state = 'held'
        )
    )
order by r.reporting_day asc, o.source_code asc, r.started_at desc;
