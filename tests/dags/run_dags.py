"""Run DAGs one after the other with `dag.test()` and print their states as one line of JSON. Run as a script.

The argument is a JSON list of {"dag": id, "conf": {...}}; a value "$run" in conf stands for the newest run of the
ledger. `dag.test()` raises nothing when a task fails: the states are what counts.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def main() -> None:
    print(json.dumps([_run(step["dag"], step.get("conf", {})) for step in json.loads(sys.argv[1])]))


def _run(dag_id: str, conf: dict[str, Any]) -> dict[str, Any]:
    from airflow import plugins_manager
    from airflow.configuration import conf as settings
    from airflow.dag_processing.dagbag import DagBag

    bag = DagBag(
        dag_folder=settings.get("core", "dags_folder")
    )  # read anew: a test run leaves its conf in the params
    assert not bag.import_errors, bag.import_errors
    dag: Any = bag.dags[dag_id]
    # Airflow 3.3.2 looks the deadline of a run that ended well up by its id, and a tested DAG's has none; the deadline
    # is tried under the real scheduler, in tests/e2e
    dag.deadline = None
    run = dag.test(
        logical_date=None, run_conf={name: _newest() if v == "$run" else v for name, v in conf.items()}
    )
    links = plugins_manager.get_global_operator_extra_links()
    tasks: dict[str, Any] = {}
    for ti in run.get_task_instances():
        named, _, said = (ti._rendered_map_index or "").partition(" – ")  # said: what came of it
        name = ti.task_id if ti.map_index < 0 else f"{ti.task_id}[{named or ti.map_index}]"
        tasks[name] = {
            "state": str(ti.state),
            "tries": ti.try_number,
            "said": said,
            "leads": [link.get_link(dag.get_task(ti.task_id), ti_key=ti.key) for link in links],
        }
    return {"state": str(run.state), "tasks": tasks}


def _newest() -> str:
    from sqlalchemy import text

    from cchc.warehouse.engine import engine

    with engine().connect() as connection:
        return str(
            connection.execute(text("select run_id from ops.run order by started_at desc limit 1")).scalar()
        )


if __name__ == "__main__":
    main()
