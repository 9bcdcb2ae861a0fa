-- The hash of a closed revision's numbers, as the chain seals it.
select l.values_sha256
from publish.chain_link as l
where l.calendar = :calendar and l.period = :period and l.revision = :revision and not l.is_reopening
