"""Unit systems of a province as real servers: deterministic from a seed, and able to misbehave.

They are written from the wire formats alone and import nothing of the product: what they serve is what such systems
serve, so a mistake in a connector cannot hide behind a helper that both sides share.

    records   model, seed2022 (Sở GD&ĐT in 2022), load (every other day and unit), province (who has which system)
    systems   opencps, national, edxml (with qcvn102) over server and table; registers (files); mail (a sink)
    trouble   faults (what can go wrong), spoil (rows and envelopes gone wrong)
    running   province.running(home, day) in a test, `python -m simulators serve` in a shell
"""
