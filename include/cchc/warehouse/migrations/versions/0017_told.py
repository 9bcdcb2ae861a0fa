"""Nights that were cut off before anyone was told of them."""

from cchc.warehouse.migrate import run_script

revision = "0017_told"
down_revision = "0016_contract"


def upgrade() -> None:
    run_script("0017_told.up.sql")


def downgrade() -> None:
    run_script("0017_told.down.sql")
