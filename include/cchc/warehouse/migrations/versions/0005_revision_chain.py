"""One hash chain over releases and closed revisions; revisions that were closed before it are sealed here."""

from cchc.warehouse.migrate import run_script

revision = "0005_revision_chain"
down_revision = "0004_measures"


def upgrade() -> None:
    run_script("0005_revision_chain.up.sql")


def downgrade() -> None:
    run_script("0005_revision_chain.down.sql")
