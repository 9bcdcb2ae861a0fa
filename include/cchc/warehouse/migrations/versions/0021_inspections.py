"""Findings of inspections, and the names of procedures and their fields of work."""

from cchc.warehouse.migrate import run_script

revision = "0021_inspections"
down_revision = "0020_report"


def upgrade() -> None:
    run_script("0021_inspections.up.sql")


def downgrade() -> None:
    run_script("0021_inspections.down.sql")
