"""Ask Airflow's own web application, plugins mounted, for the grid; print the answers as one line of JSON.

Run as a script. Users are Airflow's SimpleAuthManager's: nobody in particular, one without a role, a viewer.
"""

from __future__ import annotations

import json
import sys
import time
from typing import Any


def main() -> None:
    from airflow.api_fastapi.app import create_app, get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from fastapi.testclient import TestClient

    app = create_app(apps="core")
    manager: Any = get_auth_manager()
    client = TestClient(app, follow_redirects=False)

    def ask(path: str, user: str, role: str | None) -> dict[str, Any]:
        client.cookies.clear()
        if user:
            client.cookies.set(
                "_token", manager.generate_jwt(SimpleAuthManagerUser(username=user, role=role))
            )
        begun = time.perf_counter()
        answer = client.get(path)
        return {
            "status": answer.status_code,
            "to": answer.headers.get("location"),
            "policy": answer.headers.get("content-security-policy"),
            "text": answer.text,
            "seconds": time.perf_counter() - begun,
        }

    asked: list[list[Any]] = json.loads(sys.argv[1])
    print(json.dumps([ask(*one) for one in asked]))


if __name__ == "__main__":
    main()
