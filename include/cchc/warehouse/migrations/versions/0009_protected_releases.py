"""Releases and links refuse changes like closed periods; reopenings are links of their own."""

from cchc.warehouse.migrate import run_script

revision = "0009_protected_releases"
down_revision = "0008_touched_procedures"


def upgrade() -> None:
    run_script("0009_protected_releases.up.sql")


def downgrade() -> None:
    run_script("0009_protected_releases.down.sql")
