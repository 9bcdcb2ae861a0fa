-- What a rebuild would lose: loaded since it was begun, or for another reason not among what it was given.
select count(*)
from ops.load_ledger as l
inner join landing.delivery as d on l.delivery_id = d.delivery_id
where
    d.unit_code = any(:unit_codes) and d.source_code = :source_code
    and l.delivery_id <> all(cast(:delivery_ids as uuid[])) and l.delivery_id <> all(cast(:dropped as uuid[]))
