from __future__ import annotations

import pytest

from cchc.errors import ConfigurationError
from cchc.sources.connections import from_environment, variable


@pytest.mark.parametrize(
    ("value", "url", "login", "password"),
    [
        ("http://me:p%40ss%2Fword@host:8080/base/", "http://host:8080/base", "me", "p@ss/word"),
        ("https://host", "https://host", "", ""),
        ("file:///srv/so%20tay", "file:///srv/so tay", "", ""),
        ("s3://key:secret@bucket/folder", "s3://bucket/folder", "key", "secret"),
        (
            '{"conn_type": "http", "host": "host", "port": 81, "login": "a", "password": "b", "schema": "x"}',
            "http://host:81/x",
            "a",
            "b",
        ),
        ('{"conn_type": "http", "host": "host", "schema": "https"}', "https://host", "", ""),
        ('{"host": "https://host/base"}', "https://host/base", "", ""),
    ],
)
def test_both_forms_of_airflow_are_read(
    monkeypatch: pytest.MonkeyPatch, value: str, url: str, login: str, password: str
) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_MOT_CUA", value)
    found = from_environment("mot-cua")
    assert (found.url, found.login, found.password) == (url, login, password)


def test_the_password_is_in_no_repr(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_A", "http://me:hunter2@host")
    assert "hunter2" not in repr(from_environment("a"))


def test_a_missing_connection_names_its_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("AIRFLOW_CONN_MOTCUA", raising=False)
    with pytest.raises(
        ConfigurationError, match=r"AIRFLOW_CONN_MOTCUA as https:.*s3://key:secret@bucket/folder"
    ):
        from_environment("motcua")
    assert variable("so.tay-1") == "AIRFLOW_CONN_SO_TAY_1"


@pytest.mark.parametrize(
    "value",
    ["{broken hunter2", "http://me:hunter2@", "http://a:hunter2@h:port", "ftp://h:hunter2/x", "hunter2"],
)
def test_a_broken_connection_is_not_repeated(monkeypatch: pytest.MonkeyPatch, value: str) -> None:
    monkeypatch.setenv("AIRFLOW_CONN_X", value)
    with pytest.raises(ConfigurationError, match="AIRFLOW_CONN_X") as caught:
        from_environment("x")
    assert "hunter2" not in str(caught.value)
