delete from core.tombstone
where unit_code = any(:unit_codes) and source_code = :source_code
