drop view ops.newest_outcome;
drop view ops.outbox_due;
-- Before, a message was mail: what went to other channels is dropped.
delete from ops.outbox where channel <> 'mail';
drop index ops.outbox_waiting;
alter table ops.outbox
drop constraint outbox_pkey,
drop constraint outbox_sent,
drop column message_no,
drop column channel,
drop column state,
drop column not_before,
drop column claimed_at,
drop column alerts,
add primary key (recipient, reporting_day, kind);
drop table ops.alert;
