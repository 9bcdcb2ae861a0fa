#!/usr/bin/env bash
# Bring both databases to this version's schema and write the pools; safe to run again. Run before Airflow starts.
set -euo pipefail

airflow db migrate
python -m cchc migrate
pools=$(mktemp --suffix .json)
trap 'rm -f "$pools"' EXIT
python -m cchc.airflow.pools >"$pools"
airflow pools import "$pools"
