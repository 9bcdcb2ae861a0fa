"""Attempts to pull a source in a run: the last one may write, until the run's pulls have been judged.

A pull may outlive the moment it was given up: its server wakes up, or the scheduler took its task for dead and began
it again. So each transaction that writes what a pull brought holds the attempt first: a shared lock on two rows,
gone with the transaction. A process that is killed leaves a number behind, which the next attempt counts up.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Connection, Engine, text

from cchc.catalogue.base import DATASETS
from cchc.errors import Overtaken
from cchc.warehouse.sql import query

_PATIENCE = "60s"  # with a process that stands still between lock and commit


@dataclass(frozen=True)
class Attempt:
    """One attempt to pull one source in one run."""

    run_id: UUID
    source_code: str
    number: int

    def hold(self, connection: Connection) -> None:
        """Let this transaction write; raises `Overtaken` where the attempt may not write any more.

        A later attempt and the end of the pulls wait from here to the end of the transaction: call it shortly before.
        """
        values = {**self.__dict__, "patience": _PATIENCE}
        if connection.execute(query("ops/hold_attempt"), values).one_or_none() is None:
            raise Overtaken(
                f"{self.source_code}: attempt {self.number} in run {self.run_id} may not write any more: it was "
                "given up or begun anew, or the run's pulls have been judged. Nothing of it counts."
            )


def begin(engine: Engine, run_id: UUID, source_code: str) -> Attempt:
    """Begin an attempt: earlier ones may not write any more, and what they brought into the run is taken out of it.

    Raises `Overtaken` where the run takes no more pulls.
    """
    with engine.begin() as connection:
        values = {"run_id": run_id, "source_code": source_code, "patience": _PATIENCE}
        number = connection.execute(query("ops/begin_attempt"), values).scalar_one_or_none()
        if number is None:
            raise Overtaken(
                f"{source_code}: run {run_id} takes no more pulls: they have been judged, or it is closed. "
                "Run the sync of this source again: that is a run of its own."
            )
        if number > 1:
            withdraw(connection, run_id, source_code)
    return Attempt(run_id, source_code, number)


def withdraw(connection: Connection, run_id: UUID, source_code: str) -> None:
    """Take out of a run what was pulled of a source, so that nobody judges or loads it; the manifest keeps it."""
    values = {"run_id": run_id, "source_code": source_code}
    connection.execute(query("ops/withdraw_outcome"), values)
    brought = connection.execute(query("ops/withdraw_deliveries"), values).scalars().all()
    if not brought:
        return
    for dataset in DATASETS:
        connection.execute(
            text(f"delete from stg.{dataset} where run_id = :run_id and delivery_id = any(:brought)"),
            {"run_id": run_id, "brought": list(brought)},
        )
