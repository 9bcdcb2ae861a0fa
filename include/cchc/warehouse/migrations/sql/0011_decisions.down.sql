drop table ops.rule_count;
drop table stg.delivery;
alter table landing.delivery drop column held_by;

alter table quarantine.item drop constraint item_waived_by_somebody;
update quarantine.item set state = 'corrected' where state in ('waived', 'expired');
alter table quarantine.item drop column closed_reason;
alter table quarantine.item drop column closed_by;
alter table quarantine.item drop constraint item_state_check;
alter table quarantine.item add constraint item_state_check check (state in ('open', 'corrected'));

update ops.run set kind = 'replay' where kind = 'approval';
alter table ops.run drop constraint run_kind_check;
alter table ops.run add constraint run_kind_check check (kind in ('sync', 'replay'));

drop table ops.delivery_decision;
drop function ops.decision_stands();
