-- The chain of before knew no reopenings: it stands as long as none is a link of it.
drop trigger release_stands on publish.release;
drop trigger indicator_value_stands on publish.indicator_value;
drop trigger chain_link_stands on publish.chain_link;
drop trigger chain_link_sealed on publish.chain_link;
drop function publish.refuse_release_change;
delete from publish.chain_link where is_reopening;
alter table publish.chain_link
drop constraint chain_link_subject_key,
drop constraint chain_link_reopening_check,
drop column is_reopening,
add constraint chain_link_calendar_period_revision_key unique (calendar, period, revision);
