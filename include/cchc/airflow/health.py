"""Health checks of Airflow's services for a container or a process supervisor; cheap enough to run often.

    python -m cchc.airflow.health api_server      this machine's API server answers
    python -m cchc.airflow.health scheduler       this machine's scheduler has a fresh heartbeat
    python -m cchc.airflow.health dag_processor   as the API server sees it (so for triggerer)

Exit code 0 healthy, 1 not. Ports and addresses come from Airflow's own settings in the environment. Airflow itself
is not imported: its import alone takes seconds of processor time.
"""

from __future__ import annotations

import http.client
import json
import os
import sys
from urllib.parse import urlsplit

_TIMEOUT = 5.0
SERVICES = ("api_server", "scheduler", "dag_processor", "triggerer")


def _get(host: str, port: int, path: str) -> bytes | None:
    """Return the body of a 200 answer, or None."""
    connection = http.client.HTTPConnection(host, port, timeout=_TIMEOUT)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        body = answer.read(1_000_000)
    except (OSError, http.client.HTTPException):
        return None
    finally:
        connection.close()
    return body if answer.status == http.client.OK else None


def is_healthy(service: str) -> bool:
    """Return whether a service does its work; raises `ValueError` for a service that is not of `SERVICES`."""
    if service not in SERVICES:
        raise ValueError(f"{service!r} is not one of {', '.join(SERVICES)}")
    if service == "scheduler":
        port = int(os.environ.get("AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_SERVER_PORT", "8974"))
        return _get("localhost", port, "/health") is not None
    if service == "api_server":
        port = int(os.environ.get("AIRFLOW__API__PORT", "8080"))
        return _get("localhost", port, "/api/v2/monitor/health") is not None
    api = urlsplit(
        os.environ.get("AIRFLOW__CORE__EXECUTION_API_SERVER_URL", "http://localhost:8080/execution/")
    )
    body = _get(api.hostname or "localhost", api.port or 8080, "/api/v2/monitor/health")
    return body is not None and json.loads(body).get(service, {}).get("status") == "healthy"


if __name__ == "__main__":
    sys.exit(0 if len(sys.argv) == 2 and is_healthy(sys.argv[1]) else 1)
