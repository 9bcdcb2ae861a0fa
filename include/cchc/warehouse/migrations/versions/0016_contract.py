"""What the answers of a source look like, over time."""

from cchc.warehouse.migrate import run_script

revision = "0016_contract"
down_revision = "0015_vanished"


def upgrade() -> None:
    run_script("0016_contract.up.sql")


def downgrade() -> None:
    run_script("0016_contract.down.sql")
