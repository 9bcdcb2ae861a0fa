insert into publish.release (
    release_id, reporting_day, run_id, content_sha256, path, sources_expected, sources_fresh
)
values (
    :release_id, :reporting_day, :run_id, :content_sha256, :path, :sources_expected, :sources_fresh
)
