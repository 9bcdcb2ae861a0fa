"""The production shape, as far as it can be checked without a Docker engine; its services start in tests/e2e."""

from __future__ import annotations

import json
import re
from importlib.resources import files
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest

from dags import compose
from dags.processes import ROOT

SERVICES = compose.raw()["services"]
AIRFLOW = {"migrate", "api-server", "scheduler", "dag-processor", "triggerer", "worker"}
EXAMPLE = (ROOT / ".env.example").read_text(encoding="utf-8")


def test_the_file_is_valid_by_the_compose_specification() -> None:
    schema = json.loads(
        (files("check_jsonschema") / "builtin_schemas/vendor/compose-spec.json").read_text("utf-8")
    )
    problems = [e.message for e in jsonschema.Draft202012Validator(schema).iter_errors(compose.raw())]
    assert problems == []


def test_the_services_of_production_are_there() -> None:
    assert set(SERVICES) == {"metadata", "warehouse", "redis", *AIRFLOW}
    assert SERVICES["metadata"]["image"].startswith("postgres:18")
    assert SERVICES["warehouse"]["image"].startswith("postgres:18")


@pytest.mark.parametrize("name", sorted(SERVICES))
def test_a_service_waits_for_what_it_needs_and_says_whether_it_is_well(name: str) -> None:
    service = SERVICES[name]
    for other, how in service.get("depends_on", {}).items():
        assert other in SERVICES
        watched = (
            how["condition"] == "service_completed_successfully" or "test" in SERVICES[other]["healthcheck"]
        )
        assert watched, f"{name} waits for {other}, which has no health check"
    if name == "migrate":
        assert service["restart"] == "no"
    else:
        assert service["restart"] == "unless-stopped"
        assert service["healthcheck"]["test"][0] in ("CMD", "CMD-SHELL")
        assert service["healthcheck"]["start_period" if name in AIRFLOW else "interval"]
    for volume in service.get("volumes", []):
        assert volume.partition(":")[0] in compose.raw()["volumes"]


def test_only_the_api_server_is_reachable_and_only_from_this_machine() -> None:
    published = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert list(published) == ["api-server"]
    assert all(port.startswith("127.0.0.1:") for port in published["api-server"])


def test_no_secret_stands_in_the_file_and_none_has_a_default() -> None:
    secrets = re.compile(r"PASSWORD|SECRET|FERNET|_DSN|SQL_ALCHEMY_CONN|BROKER_URL|RESULT_BACKEND|AUTH$")
    for name, service in SERVICES.items():
        for variable, value in service.get("environment", {}).items():
            if secrets.search(variable):
                assert "${" in value, f"{name}.{variable} is written out"
    without = compose.variables()
    for variable in without:
        if re.search(r"PASSWORD|SECRET|FERNET", variable) and not variable.startswith("CCHC_SMTP"):
            assert without[variable] == "?", f"{variable} may be left empty"
    assert without["CCHC_SMTP_PASSWORD"] == "-"  # without a mail server there is none


def test_every_variable_is_explained_in_the_example_and_has_no_value_there() -> None:
    lines = EXAMPLE.splitlines()
    given = {
        line.partition("=")[0]: line.partition("=")[2] for line in lines if re.match(r"[A-Z0-9_]+=", line)
    }
    assert set(given) == set(compose.variables())
    assert not any(given.values())
    explained = "\n".join(lines)
    for name in given:
        before = explained[: explained.index(f"\n{name}=")].splitlines()[-1]
        assert before.startswith("#") or name.startswith("CCHC_SMTP_"), f"{name} has no comment"


def test_credentials_of_the_units_reach_the_worker_alone() -> None:
    read = {n: [file["path"] for file in s["env_file"]] for n, s in SERVICES.items() if "env_file" in s}
    assert read == {"triggerer": ["messages.env"], "worker": ["connections.env", "messages.env"]}
    assert not [
        n for n, s in SERVICES.items() if any(v.startswith("AIRFLOW_CONN_") for v in s.get("environment", {}))
    ]


@pytest.mark.parametrize("name", sorted(AIRFLOW))
def test_an_airflow_service_is_for_production(name: str) -> None:
    environment: dict[str, Any] = SERVICES[name]["environment"]
    assert environment["AIRFLOW__CORE__EXECUTOR"] == "CeleryExecutor"
    assert environment["AIRFLOW__CORE__AUTH_MANAGER"].endswith("FabAuthManager")
    assert SERVICES[name]["cap_drop"] == ["ALL"]


def test_the_image_holds_the_locked_packages_and_no_secret() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert "--require-hashes" in dockerfile
    assert "USER cchc" in dockerfile
    copied = re.findall(r"^COPY (\S+)", dockerfile, flags=re.MULTILINE)
    assert copied == ["requirements.txt", "include", "dags", "plugins"]
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert ignored[1] == "*"
    assert {line[1:] for line in ignored if line.startswith("!")} == set(copied)
