-- Wrong tonight: opened, or seen again. Another cause is news again.
insert into ops.alert as a (kind, unit_code, source_code, dataset, rule_code, cause, since, changed_day, last_day)
values (:kind, :unit_code, :source_code, :dataset, :rule_code, :cause, :day, :day, :day)
on conflict (kind, unit_code, source_code, dataset, rule_code) where closed_day is null
do update set
    last_day = excluded.last_day,
    cause = excluded.cause,
    changed_day = case when a.cause = excluded.cause then a.changed_day else excluded.changed_day end
where a.last_day <= excluded.last_day
