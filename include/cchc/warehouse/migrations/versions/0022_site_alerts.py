"""A site that does not show what is published is an alert: since when it does not, and that it shows it again."""

from cchc.warehouse.migrate import run_script

revision = "0022_site_alerts"
down_revision = "0021_report"


def upgrade() -> None:
    run_script("0022_site_alerts.up.sql")


def downgrade() -> None:
    run_script("0022_site_alerts.down.sql")
