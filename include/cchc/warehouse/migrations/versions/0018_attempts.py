"""Attempts to pull a source: only the last one of a run that still takes pulls may write."""

from cchc.warehouse.migrate import run_script

revision = "0018_attempts"
down_revision = "0017_told"


def upgrade() -> None:
    run_script("0018_attempts.up.sql")


def downgrade() -> None:
    run_script("0018_attempts.down.sql")
