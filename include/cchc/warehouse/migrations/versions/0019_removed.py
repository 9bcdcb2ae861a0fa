"""How many records of a source a run took out of the numbers, since the source has them no more, and what came back."""

from cchc.warehouse.migrate import run_script

revision = "0019_removed"
down_revision = "0018_attempts"


def upgrade() -> None:
    run_script("0019_removed.up.sql")


def downgrade() -> None:
    run_script("0019_removed.down.sql")
