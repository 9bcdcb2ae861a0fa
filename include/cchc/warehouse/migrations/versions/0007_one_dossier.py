"""A dossier that stands in two systems of one unit counts once, in the one that the catalogue lists first."""

from cchc.warehouse.migrate import run_script

revision = "0007_one_dossier"
down_revision = "0006_known_since"


def upgrade() -> None:
    run_script("0007_one_dossier.up.sql")


def downgrade() -> None:
    run_script("0007_one_dossier.down.sql")
