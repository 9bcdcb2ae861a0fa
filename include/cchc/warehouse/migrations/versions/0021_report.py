"""Schema report: wide views for whoever asks the warehouse, and the names they need beside codes."""

from cchc.warehouse.migrate import run_script

revision = "0021_report"
down_revision = "0020_inspections"


def upgrade() -> None:
    run_script("0021_report.up.sql")
    run_script("0021_report_records.up.sql")
    run_script("0021_report_published.up.sql")


def downgrade() -> None:
    run_script("0021_report.down.sql")
