"""Records that their source no longer has."""

from cchc.warehouse.migrate import run_script

revision = "0015_vanished"
down_revision = "0014_scorecard"


def upgrade() -> None:
    run_script("0015_vanished.up.sql")


def downgrade() -> None:
    run_script("0015_vanished.down.sql")
