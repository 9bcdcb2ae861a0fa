from __future__ import annotations

from typing import Any

import pytest

from dags.processes import airflow_environment, run_json


@pytest.fixture(scope="session")
def described(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Return what an Airflow process sees of dags/ and plugins/: see describe_dags.py."""
    home = tmp_path_factory.mktemp("describe")
    return run_json(
        "describe_dags.py", airflow_environment(home, CCHC_PORTAL_URL="https://cchc.example.gov.vn/")
    )
