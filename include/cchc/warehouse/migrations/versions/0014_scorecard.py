"""How good the data of each unit is, night by night."""

from cchc.warehouse.migrate import run_script

revision = "0014_scorecard"
down_revision = "0013_questions"


def upgrade() -> None:
    run_script("0014_scorecard.up.sql")


def downgrade() -> None:
    run_script("0014_scorecard.down.sql")
