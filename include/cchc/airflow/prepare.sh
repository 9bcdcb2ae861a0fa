#!/usr/bin/env bash
# Bring both databases to this version's schema and write the pools; safe to run again. Run before Airflow starts.
set -euo pipefail

airflow db migrate
python -c "from cchc.warehouse import migrate; from cchc.warehouse.engine import engine; migrate.upgrade(engine())"
pools=$(mktemp --suffix .json)
trap 'rm -f "$pools"' EXIT
python -m cchc.airflow.pools >"$pools"
airflow pools import "$pools"
