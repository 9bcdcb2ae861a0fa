drop index core.change_history_by_time;
drop table quality.question;
drop table quality.judgement;
drop schema quality;
