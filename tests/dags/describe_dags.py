"""Print, as one line of JSON, what Airflow sees of dags/ and plugins/. Run as a script: no database is needed."""

from __future__ import annotations

import json
import sys
from typing import Any

WATCHED = (
    "pandas",
    "great_expectations",
    "numpy",
    "requests",
    "cchc.night",
    "cchc.quality",
    "cchc.publishing",
)


def main() -> None:
    from airflow.configuration import conf
    from airflow.dag_processing.dagbag import DagBag

    before = set(sys.modules)
    bag = DagBag(dag_folder=conf.get("core", "dags_folder"))
    loaded = sorted(m for m in WATCHED if m in set(sys.modules) - before)

    from airflow import plugins_manager

    plugins, plugin_errors = plugins_manager._get_plugins()
    ours = [p for p in plugins if p.name and p.name.startswith("cchc")]
    print(
        json.dumps(
            {
                "import_errors": bag.import_errors,
                "dags": {dag_id: _dag(dag) for dag_id, dag in bag.dags.items()},
                "loaded_at_parse": loaded,
                "already_loaded": sorted(m for m in WATCHED if m in before),
                "plugins": {p.name: _plugin(p) for p in ours},
                "loaded_by_plugins": sorted(m for m in sys.modules if m.startswith("cchc.")),
                "plugin_errors": plugin_errors,
            },
            default=str,
        )
    )


def _plugin(plugin: Any) -> dict[str, Any]:
    return {
        "entries": plugin.react_apps,
        "apps": [app["url_prefix"] for app in plugin.fastapi_apps],
        "links": [link.name for link in plugin.global_operator_extra_links],
        "deadlines": [reference.__name__ for reference in plugin.deadline_references],
    }


def _dag(dag: Any) -> dict[str, Any]:
    return {
        "deadline": [[d.reference.serialize_reference(), d.callback.path] for d in dag.deadline or []],
        "file": dag.fileloc,
        "schedule": str(dag.timetable.summary) if hasattr(dag.timetable, "summary") else str(dag.timetable),
        "timetable": repr(dag.timetable),
        "catchup": dag.catchup,
        "max_active_runs": dag.max_active_runs,
        "run_limit": dag.dagrun_timeout.total_seconds() if dag.dagrun_timeout else None,
        "tags": sorted(dag.tags),
        "doc": dag.doc_md or "",
        "params": {name: param.value for name, param in dag.params.items()},
        "leaves": sorted(t.task_id for t in dag.leaves),
        "tasks": {t.task_id: _task(t) for t in dag.tasks},
    }


def _task(task: Any) -> dict[str, Any]:
    # a task that waits for a person has a limit on the person
    limit = task.execution_timeout or getattr(task, "response_timeout", None)
    return {
        "owner": task.owner,
        "limit": limit.total_seconds() if limit else None,
        "pool": task.pool,
        "retries": task.retries,
        "policy": task.retry_policy is not None,
        "trigger": str(task.trigger_rule),
        "upstream": sorted(task.upstream_task_ids),
        "outlets": [asset.uri for asset in task.outlets or []],
        "mapped": task.is_mapped,
        "at_once": task.max_active_tis_per_dagrun,
        "title": getattr(task, "map_index_template", None),
        "docs": bool(task.doc_md) or bool(getattr(getattr(task, "python_callable", None), "__doc__", None)),
    }


if __name__ == "__main__":
    main()
