create temporary view load_ledger as
select l.*
from ops.load_ledger as l
where l.loaded_at < current_setting('cchc.as_of')::timestamptz
