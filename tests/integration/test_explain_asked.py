"""What `cchc explain` says of roles, rules, days to come and forms that are not there, on a real PostgreSQL."""

from __future__ import annotations

from pathlib import Path

import click
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, text

from cchc.catalogue.load import load
from cchc.commands.indicators import explain as explain_command
from cchc.commands.indicators import indicators_show
from cchc.errors import ConfigurationError
from cchc.indicators.explain import explain
from cchc.publishing.forms import layouts
from cchc.settings import SHIPPED_CATALOGUE
from cchc.warehouse import dimensions, marts
from integration.indicator_facts import at, watermark, write
from integration.test_forms import DAY, NOVEMBER

CATALOGUE = load(SHIPPED_CATALOGUE)


def test_records_and_terms_say_their_role_and_the_rule_they_are_counted_under(warehouse: Engine) -> None:
    dimensions.sync(warehouse, CATALOGUE)
    row = {
        "dossier_code": "H14.SGDDT-261110-0001",
        "procedure_code": "1.000001",
        "received_at": at("2026-11-10"),
    }
    late = {"due_at": at("2026-11-11"), "status": "finished", "finished_at": at("2026-11-13")}
    own = "sgddt-sotay"  # a register that says who was dissatisfied
    write(warehouse, "dossier", "SGDDT", own, [{**row, **late, "dissatisfied": False}])
    watermark(warehouse, "SGDDT", own, DAY, "dossier")
    marts.refresh(warehouse)
    opened = explain(warehouse, CATALOGUE, "DOSSIER_RECEIVING_SATISFACTION", "SGDDT", NOVEMBER, day=DAY)
    assert sorted(r["role"] for r in opened.records()) == ["denominator", "numerator", "numerator_minus"]
    said = opened.text()
    assert "Tử số (trừ): Hồ sơ đã kết thúc quá hạn" in said
    assert "Quy tắc dùng để tính, portal-766: cách của Bộ chỉ số 766" in said
    assert f"Quy tắc của nguồn {own} (không dùng cho số này): " in said


@pytest.mark.parametrize("command", [explain_command, indicators_show])
def test_a_day_to_come_is_refused(command: click.Command) -> None:
    with pytest.raises(ConfigurationError, match="not known yet"):
        CliRunner().invoke(command, ["--as-of", "2100-01-01"], catch_exceptions=False)


def test_a_form_that_is_not_there_names_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="there is no form xx; there are: 07a, ii06a"):
        layouts.load(tmp_path, "xx")


def test_postgresql_looks_whether_anybody_waits_for_an_answer(warehouse: Engine) -> None:
    with warehouse.connect() as connection:
        assert connection.scalar(text("show client_connection_check_interval")) == "10s"
