"""Alerts: what people were told of and when, until it is mended; channels beside mail."""

from cchc.warehouse.migrate import run_script

revision = "0012_alerts"
down_revision = "0011_decisions"


def upgrade() -> None:
    run_script("0012_alerts.up.sql")


def downgrade() -> None:
    run_script("0012_alerts.down.sql")
