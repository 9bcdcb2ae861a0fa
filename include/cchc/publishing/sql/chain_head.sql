select
    r.chain_no,
    r.chain_sha256
from publish.release as r
order by r.chain_no desc
limit 1
