delete from core.tombstone
where unit_code = :unit_code and source_code = :source_code
