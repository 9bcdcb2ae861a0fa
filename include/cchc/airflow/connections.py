"""Addresses and credentials of the vendors' servers, from wherever this Airflow keeps its connections.

The environment comes first, read exactly as the `cchc` command reads it, so that a scheduled night and one
started by hand use the same. What is not there is asked of Airflow: its secrets backend, then its database.
"""

from __future__ import annotations

from airflow.sdk import Connection as AirflowConnection
from airflow.sdk.exceptions import AirflowNotFoundException, AirflowRuntimeError
from airflow.sdk.log import mask_secret

from cchc.errors import ConfigurationError
from cchc.sources.connections import from_environment, secret_forms
from cchc.sources.connector import Connection


def resolve(code: str) -> Connection:
    """Return the connection `code`; its password is masked in the task's log from then on, in all its forms.

    Raises `ConfigurationError` naming the connection where neither the environment nor Airflow has it.
    """
    try:
        found = from_environment(code)
    except ConfigurationError as missing:
        try:
            found = _from_airflow(AirflowConnection.get(code))
        except (AirflowNotFoundException, AirflowRuntimeError):
            raise ConfigurationError(f"{missing} Airflow has no connection {code} either.") from None
    for form in secret_forms(found):
        mask_secret(form)
    return found


def _from_airflow(connection: AirflowConnection) -> Connection:
    """Build the URL again from an Airflow connection's fields.

    Airflow's form keeps the scheme either as the type, or within the host, or (for type http) as the schema.
    """
    host = connection.host or ""
    scheme = connection.conn_type or "http"
    path = connection.schema or ""
    if "://" in host:
        scheme, _, host = host.partition("://")
    elif scheme == "http" and path in ("http", "https"):
        scheme, path = path, ""
    host, _, inner = host.partition("/")
    path = "/".join(part.strip("/") for part in (inner, path) if part.strip("/"))
    port = f":{connection.port}" if connection.port else ""
    return Connection(
        url=f"{scheme}://{host}{port}/{path}".rstrip("/"),
        login=connection.login or "",
        password=connection.password or "",
        client_cert=str(connection.extra_dejson.get("client_cert") or ""),
    )
