"""Since when each version of a fact is in the warehouse, so that what was known on a day can be asked."""

from cchc.warehouse.migrate import run_script

revision = "0006_known_since"
down_revision = "0005_revision_chain"


def upgrade() -> None:
    run_script("0006_known_since.up.sql")


def downgrade() -> None:
    run_script("0006_known_since.down.sql")
