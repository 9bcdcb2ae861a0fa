-- A source that left the catalogue keeps its rule for the dossiers it once delivered; of one that stands in another system
-- too, those in the catalogue come first.
update core.source as s
set expected = false, listed = case when s.listed is not null then 10000 + gone.place end
from (
    select
        g.source_code,
        row_number() over (partition by g.unit_code order by g.source_code) as place
    from core.source as g
    where g.source_code <> all(cast(:sources as text[]))
) as gone
where s.source_code = gone.source_code
