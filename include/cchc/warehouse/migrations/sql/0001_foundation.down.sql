drop schema publish cascade;
drop schema mart cascade;
drop schema quarantine cascade;
drop schema stg cascade;
drop schema core cascade;
drop schema landing cascade;
drop schema ops cascade;
