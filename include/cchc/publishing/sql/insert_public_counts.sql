insert into publish.public_counts (release_id, internal_sha256, ended, to_date)
values (:release_id, :internal_sha256, cast(:ended as jsonb), cast(:to_date as jsonb))
