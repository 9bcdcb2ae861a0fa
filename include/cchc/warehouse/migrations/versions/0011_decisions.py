"""What people decide about held deliveries and quarantined rows."""

from cchc.warehouse.migrate import run_script

revision = "0011_decisions"
down_revision = "0010_stocks_by_quarter"


def upgrade() -> None:
    run_script("0011_decisions.up.sql")


def downgrade() -> None:
    run_script("0011_decisions.down.sql")
