-- Whether a night ever ran.
select count(*) > 0 as any_night from ops.run
