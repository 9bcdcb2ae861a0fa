"""Ask Airflow's own web application, plugins mounted, for our pages; print the answers as one line of JSON.

Run as a script. The argument is a JSON list of [path, user, role, method, headers]; a header's value names a header of
the answer before, `$run` in a path is a run of its task, and `@id` for a path lets `current` lead to a release.
Users are Airflow's SimpleAuthManager's: nobody in particular, one without a role, a viewer.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

from integration.copiers import point


def main() -> None:
    from airflow.api_fastapi.app import create_app, get_auth_manager
    from airflow.api_fastapi.auth.managers.simple.user import SimpleAuthManagerUser
    from fastapi.testclient import TestClient

    app = create_app(apps="core")
    manager: Any = get_auth_manager()
    client = TestClient(app, follow_redirects=False)

    def ask(
        path: str, user: str, role: str | None, method: str = "GET", headers: dict[str, str] | None = None
    ) -> dict[str, Any]:
        client.cookies.clear()
        if user:
            client.cookies.set(
                "_token", manager.generate_jwt(SimpleAuthManagerUser(username=user, role=role))
            )
        begun = time.perf_counter()
        answer = client.request(method, path, headers=headers)
        return {
            "status": answer.status_code,
            "to": answer.headers.get("location"),
            "policy": answer.headers.get("content-security-policy"),
            "text": answer.text,
            "headers": dict(answer.headers),
            "seconds": time.perf_counter() - begun,
        }

    answers: list[dict[str, Any]] = []
    for path, *rest in json.loads(sys.argv[1]):
        if path.startswith("@"):
            point(Path(os.environ["CCHC_RELEASES"]), path[1:])
        else:
            rest[3:] = [
                {name: answers[-1]["headers"][value] for name, value in part.items()} for part in rest[3:]
            ]
            answers.append(ask(_of_run(path), *rest))
    print(json.dumps(answers))


def _of_run(path: str) -> str:
    """Return a path with a run in which its task, the first of a mapped one, ended in the place of `$run`."""
    from airflow.models import TaskInstance
    from airflow.utils.session import create_session
    from sqlalchemy import select

    if "$run" not in path:
        return path
    dag_id, _, rest = path.partition("/dags/")[2].partition("/")
    task_id = rest.partition("/taskInstances/")[2].partition("/")[0]
    with create_session() as session:
        # a DAG that is tested again takes the tasks of its runs before away
        ended = select(TaskInstance.run_id).where(
            TaskInstance.dag_id == dag_id,
            TaskInstance.task_id == task_id,
            TaskInstance.map_index == 0,
            TaskInstance.state.in_(("success", "failed")),
        )
        return path.replace(
            "$run", quote(str(session.scalars(ended.order_by(TaskInstance.end_date)).first()))
        )


if __name__ == "__main__":
    main()
