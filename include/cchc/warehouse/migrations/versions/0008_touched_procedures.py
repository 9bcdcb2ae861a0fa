"""Marts are made anew by unit, day and procedure; a source that leaves the catalogue keeps its rule."""

from cchc.warehouse.migrate import run_script

revision = "0008_touched_procedures"
down_revision = "0007_one_dossier"


def upgrade() -> None:
    run_script("0008_touched_procedures.up.sql")


def downgrade() -> None:
    run_script("0008_touched_procedures.down.sql")
