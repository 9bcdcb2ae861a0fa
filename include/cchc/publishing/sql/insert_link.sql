insert into publish.chain_link (chain_no, release_id, calendar, period, revision, is_reopening, previous_sha256)
values (:chain_no, :release_id, :calendar, :period, :revision, :is_reopening, :previous_sha256)
