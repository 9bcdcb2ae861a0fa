"""The hour by which a night is to be done: Airflow reads a deadline of its own kind only where a plugin names it."""

from __future__ import annotations

from typing import Any, ClassVar

from airflow.plugins_manager import AirflowPlugin

from cchc.airflow.deadline import NextTimeOfDay


class CchcDeadlinePlugin(AirflowPlugin):
    """Names the reference and adds nothing else."""

    name = "cchc_deadline"
    deadline_references: ClassVar[list[Any]] = [NextTimeOfDay]
