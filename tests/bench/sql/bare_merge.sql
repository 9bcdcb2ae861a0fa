-- What a merge cannot do without: one ON CONFLICT over everything staged, with a hash guard; no history, no marks, no ledger.
insert into core.dossier as c (unit_code, source_code, {columns}, row_hash, delivery_id, row_no, pulled_at)
select unit_code, source_code, {columns}, row_hash, delivery_id, row_no, now()
from stg.dossier
where run_id = :run_id
on conflict (unit_code, source_code, dossier_code) do update
    set {assignments}, row_hash = excluded.row_hash, delivery_id = excluded.delivery_id, row_no = excluded.row_no,
    pulled_at = excluded.pulled_at
    where c.row_hash <> excluded.row_hash
