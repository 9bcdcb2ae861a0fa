delete from ops.load_ledger
where delivery_id in (
        select delivery_id from landing.delivery
        where unit_code = any(:unit_codes) and source_code = :source_code
    )
