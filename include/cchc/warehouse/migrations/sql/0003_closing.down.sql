drop table publish.reopening;
drop table publish.closed_record;
drop table publish.closed_value;
drop table publish.closed_period;
drop function publish.refuse_change;
drop function core.dossiers_of;
