-- Wrong tonight: opened, or seen again.
insert into ops.alert (kind, unit_code, source_code, dataset, rule_code, since, last_day)
values (:kind, :unit_code, :source_code, :dataset, :rule_code, :day, :day)
on conflict (kind, unit_code, source_code, dataset, rule_code) where closed_day is null
do update set last_day = greatest(ops.alert.last_day, excluded.last_day)
