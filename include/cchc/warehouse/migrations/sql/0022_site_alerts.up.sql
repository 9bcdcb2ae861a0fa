-- A site that does not show what is published stays wrong from night to night like the rest.
alter table ops.alert
drop constraint alert_kind_check,
add constraint alert_kind_check check (
    kind in ('source', 'rows', 'secrecy', 'over-budget', 'not-published', 'gate', 'not-delivered')
);
