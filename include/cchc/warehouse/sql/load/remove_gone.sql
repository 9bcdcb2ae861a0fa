delete from core.{dataset} as c
using load_gone as g
where g.unit_code = c.unit_code and g.source_code = c.source_code and {key_join_g}
