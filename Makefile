# `make help` lists what there is. Linux, Python 3.11 or newer.
DAY ?= 2026-11-14
PY := .venv/bin/python
JOBS ?= 2
SECONDS_EACH ?= 60
SIZES ?= 50000,200000

# each process, of the hundreds that the tests start, would compile everything anew
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo stop status sync test lint unit dags integration e2e fuzz bench docs format lock clean runtime dev

help: ## this list
	@grep -hE '^[a-z0-9-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F '\t' '{printf "make %-12s %s\n", $$1, $$2}'

demo: ## one night of a simulated province through the real Airflow; everything keeps running (DAY=2026-11-14)
	@started=$$(date +%s); bin/env runtime && CCHC_STARTED=$$started PYTHONPATH=include:tests $(PY) -m demo up --day $(DAY)

stop: ## end every process that `make demo` started
	@if [ -x $(PY) ]; then PYTHONPATH=include:tests $(PY) -m demo down; else echo "nothing was started from here"; fi

status: runtime ## what of the demonstration runs
	@PYTHONPATH=include:tests $(PY) -m demo status

sync: runtime ## the same night without a scheduler, from the systems that AIRFLOW_CONN_<HOST> names, or the demo's (DAY=…)
	@if env | grep -q '^AIRFLOW_CONN_'; then :; \
	elif [ -f .cchc/simulated/simulators.env ]; then set -a; . ./.cchc/simulated/simulators.env; set +a; \
	else echo "no systems to read: set AIRFLOW_CONN_<HOST> for the hosts of the catalogue, or run make demo first" >&2; exit 2; fi; \
	if [ -d .cchc/site ]; then export CCHC_PUBLIC_SITE="$${CCHC_PUBLIC_SITE:-$(CURDIR)/.cchc/site}"; fi; \
	.venv/bin/cchc sync --day $(DAY)

test: dev ## everything: lint, types, layers, SQL, unit, DAGs, integration, end to end
	@failed=0; $(MAKE) --no-print-directory --keep-going --jobs=$(JOBS) --output-sync=target lint unit dags || failed=1; \
	$(MAKE) --no-print-directory --keep-going --jobs=1 integration e2e || failed=1; exit $$failed

lint: dev ## ruff, mypy, import-linter, sqlfluff
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/sqlfluff lint --disable-progress-bar -p $(JOBS) include

unit: dev ## what needs neither a database nor Airflow
	$(PY) -m pytest -n $(JOBS) --dist worksteal tests/unit

dags: dev ## the DAGs under Airflow's own parser
	$(PY) -m pytest tests/dags

integration: dev ## a real PostgreSQL, real HTTP, real mail; migrations up and down; each parser fuzzed with 8,000 inputs
	$(PY) -m pytest -n $(JOBS) tests/integration tests/demo tests/fuzz

e2e: dev ## the whole night: scheduler, servers, browser
	$(PY) -m pytest tests/e2e

fuzz: dev ## look for inputs that break a parser, longer: exit 1 and .cchc/fuzz/crashes where there is one (SECONDS_EACH=60, TARGETS=)
	PYTHONPATH=include:tests $(PY) -m fuzz --seconds $(SECONDS_EACH) $(TARGETS)

bench: dev ## what a night and a period cost, against references of the same run (SIZES=50000,200000)
	PYTHONPATH=include:tests $(PY) -m bench --sizes $(SIZES) --data .cchc/bench --output .cchc/bench/report

docs: dev ## docs/rules.md and docs/data_dictionary.md again, from the rules and the migrations
	.venv/bin/cchc docs write

format: dev ## lay out and mend what can be mended by itself
	.venv/bin/ruff check --fix .
	.venv/bin/ruff format .

lock: ## resolve requirements*.in again into the hash-locked requirements*.txt (needs uv)
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header requirements.in -o requirements.txt
	uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-annotate --no-header requirements-dev.in -c requirements.txt -o requirements-dev.txt

clean: stop ## remove the environment, the demonstration's data and caches
	rm -rf .venv .cchc .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -prune -exec rm -rf {} +

runtime:
	@bin/env runtime

dev:
	@bin/env dev
