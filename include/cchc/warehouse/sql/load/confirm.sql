-- A record seen again as it was is as new as this delivery: an older extract that comes later must not replace it.
update core.{dataset} as c
set pulled_at = cast(:pulled_at as timestamptz)
from load_plan as good
where
    good.effect = 'same' and c.pulled_at < cast(:pulled_at as timestamptz)
    and good.unit_code = c.unit_code and good.source_code = c.source_code and {key_join}
