update publish.chain_link
set values_sha256 = :values_sha256, records_sha256 = :records_sha256, chain_sha256 = :chain_sha256
where chain_no = :chain_no
