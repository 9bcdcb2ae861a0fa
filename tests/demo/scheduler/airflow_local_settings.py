"""Airflow imports this module when it starts; only the demonstration's scheduler has it on its path.

The scheduler's workers and their tasks are forks of it, so what is imported here once is not imported by each task again.
"""

import cchc.night  # noqa: F401
