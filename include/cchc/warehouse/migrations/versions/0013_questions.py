"""Questions about numbers that look better than the service is."""

from cchc.warehouse.migrate import run_script

revision = "0013_questions"
down_revision = "0012_alerts"


def upgrade() -> None:
    run_script("0013_questions.up.sql")


def downgrade() -> None:
    run_script("0013_questions.down.sql")
