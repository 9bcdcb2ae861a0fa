select
    l.chain_no,
    l.chain_sha256
from publish.chain_link as l
order by l.chain_no desc
limit 1
