"""The seven schemas of the night: ops, landing, stg, core, mart, quarantine, publish."""

from cchc.warehouse.migrate import run_script

revision = "0001_foundation"
down_revision = None


def upgrade() -> None:
    run_script("0001_foundation.up.sql")
    run_script("0001_on_time.up.sql")


def downgrade() -> None:
    run_script("0001_foundation.down.sql")
