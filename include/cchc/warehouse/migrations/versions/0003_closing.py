"""Closed periods: frozen revisions of their numbers and of the records they were made of."""

from cchc.warehouse.migrate import run_script

revision = "0003_closing"
down_revision = "0002_working_days"


def upgrade() -> None:
    run_script("0003_closing.up.sql")


def downgrade() -> None:
    run_script("0003_closing.down.sql")
