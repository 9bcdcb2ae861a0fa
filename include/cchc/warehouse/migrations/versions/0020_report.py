"""Schema report: wide views for whoever asks the warehouse, and the names they need beside codes."""

from cchc.warehouse.migrate import run_script

revision = "0020_report"
down_revision = "0019_removed"


def upgrade() -> None:
    run_script("0020_report.up.sql")
    run_script("0020_report_records.up.sql")
    run_script("0020_report_published.up.sql")


def downgrade() -> None:
    run_script("0020_report.down.sql")
