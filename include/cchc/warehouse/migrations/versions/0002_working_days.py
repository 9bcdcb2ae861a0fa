"""Working days: the calendar, office hours, and the due moment worked out from a term."""

from cchc.warehouse.migrate import run_script

revision = "0002_working_days"
down_revision = "0001_foundation"


def upgrade() -> None:
    run_script("0002_working_days.up.sql")


def downgrade() -> None:
    run_script("0002_working_days.down.sql")
