"""What a release said to the public is kept: the next ones must not tell what it withheld."""

from cchc.warehouse.migrate import run_script

revision = "0023_public_counts"
down_revision = "0022_site_alerts"


def upgrade() -> None:
    run_script("0023_public_counts.up.sql")


def downgrade() -> None:
    run_script("0023_public_counts.down.sql")
