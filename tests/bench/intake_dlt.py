"""dlt as its documentation begins: its REST source, a resource an endpoint, nothing tuned; run in its environment."""

from __future__ import annotations

import sys

import dlt  # type: ignore[import-not-found]
from dlt.sources.rest_api import rest_api_source  # type: ignore[import-not-found]


def main() -> None:
    """Load every endpoint into one table of a new data set."""
    port, sources, records, page = map(int, sys.argv[1:5])
    dataset = sys.argv[5]
    paginator = {
        "type": "offset",
        "limit": page,
        "offset_param": "start",
        "limit_param": "limit",
        "total_path": "total",
    }
    resources = [
        {
            "name": f"site_{site}",
            "table_name": "dossier",
            "endpoint": {"path": f"plain/{site}", "data_selector": "data", "paginator": paginator},
        }
        for site in range(sources)
    ]
    source = rest_api_source({"client": {"base_url": f"http://127.0.0.1:{port}/"}, "resources": resources})
    pipeline = dlt.pipeline("bench", destination="postgres", dataset_name=dataset)
    pipeline.run(source, write_disposition="replace").raise_on_failed_jobs()
    with pipeline.sql_client() as client:
        ((loaded,),) = client.execute_sql("select count(*) from dossier")
    if loaded != sources * records:
        raise SystemExit(f"dlt loaded {loaded} of {sources * records} dossiers")
    columns = pipeline.default_schema.get_table_columns("dossier")
    if columns["due_date"]["data_type"] != "timestamp":
        raise SystemExit("dlt left its moments as texts, which is less than what is compared with it")


if __name__ == "__main__":
    main()
