"""What the remaining measures need: more of dossiers and procedures, petitions, official scores, our own due time."""

from cchc.warehouse.migrate import run_script

revision = "0004_measures"
down_revision = "0003_closing"


def upgrade() -> None:
    run_script("0004_measures.up.sql")


def downgrade() -> None:
    run_script("0004_measures.down.sql")
