insert into publish.release (
    release_id, reporting_day, run_id, content_sha256, path, sources_expected, sources_fresh, chain_no, previous_sha256
)
values (
    :release_id, :reporting_day, :run_id, :content_sha256, :path, :sources_expected, :sources_fresh,
    :chain_no, :previous_sha256
)
