"""The whole product on one machine: `python -m demo up | down | status` (PYTHONPATH=tests), or `make demo`."""
