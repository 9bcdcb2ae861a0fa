insert into publish.closed_record (calendar, period, revision, unit_code, source_code, dossier_code, row_hash)
select
    :calendar,
    :period,
    :revision,
    d.unit_code,
    d.source_code,
    d.dossier_code,
    d.row_hash
from core.dossiers_of(:period_from, :period_to) as d
