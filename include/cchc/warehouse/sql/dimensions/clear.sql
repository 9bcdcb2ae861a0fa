-- What the catalogue no longer has; what it has is written anew right after, in the same transaction.
with units as (delete from core.unit),

codes as (delete from core.unit_code),

edges as (delete from core.unit_edge)

delete from core.source
where not (source_code = any(:sources))
