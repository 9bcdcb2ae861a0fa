"""Findings of inspections, and the names of procedures and their fields of work."""

from cchc.warehouse.migrate import run_script

revision = "0020_inspections"
down_revision = "0019_removed"


def upgrade() -> None:
    run_script("0020_inspections.up.sql")


def downgrade() -> None:
    run_script("0020_inspections.down.sql")
