-- Of which units rows are there, or were, that stand since before their beginnings were kept.
select f.unit_code
from core.{dataset} as f
inner join ops.known_since_start as s on f.known_since = s.moment
where s.moment >= current_setting('cchc.as_of')::timestamptz
union
select h.unit_code
from core.change_history as h
inner join ops.known_since_start as s on (h.old_row ->> 'known_since')::timestamptz = s.moment
where
    h.dataset = '{dataset}'
    and h.changed_at >= current_setting('cchc.as_of')::timestamptz
    and s.moment >= current_setting('cchc.as_of')::timestamptz
