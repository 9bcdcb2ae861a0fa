delete from ops.load_ledger
where delivery_id in (
        select delivery_id from landing.delivery
        where unit_code = :unit_code and source_code = :source_code
    )
