insert into publish.chain_link (chain_no, release_id, calendar, period, revision, previous_sha256)
values (:chain_no, :release_id, :calendar, :period, :revision, :previous_sha256)
