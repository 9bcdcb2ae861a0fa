insert into publish.public_counts (release_id, ended, to_date)
values (:release_id, cast(:ended as jsonb), cast(:to_date as jsonb))
