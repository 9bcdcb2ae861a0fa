update publish.release
set values_sha256 = :values_sha256, chain_sha256 = :chain_sha256
where release_id = :release_id
