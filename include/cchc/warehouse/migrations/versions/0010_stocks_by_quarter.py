"""Stocks are summed by quarter beside the days: a balance costs the same after many years."""

from cchc.warehouse.migrate import run_script

revision = "0010_stocks_by_quarter"
down_revision = "0009_protected_releases"


def upgrade() -> None:
    run_script("0010_stocks_by_quarter.up.sql")


def downgrade() -> None:
    run_script("0010_stocks_by_quarter.down.sql")
