"""Airflow imports this module when it starts; only the demonstration's scheduler has it on its path.

The scheduler's workers and their tasks are forks of it: what is imported here once, no task imports again.
"""

import cchc.night  # noqa: F401
