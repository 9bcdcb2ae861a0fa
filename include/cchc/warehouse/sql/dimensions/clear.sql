-- What the catalogue no longer has; what it has is written anew right after, in the same transaction.
with units as (delete from core.unit),

codes as (delete from core.unit_code)

delete from core.unit_edge
