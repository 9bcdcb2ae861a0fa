"""Where one demonstration lives: its folder, its ports, its secrets and the environment of its processes."""

from __future__ import annotations

import hashlib
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from cryptography.fernet import Fernet
from sqlalchemy.engine import make_url

from cchc.errors import ConfigurationError

ROOT = Path(__file__).resolve().parents[2]
DAY = date(2026, 11, 14)
LOOPBACK = "127.0.0.1"
USER = "admin"
MARK = (
    "CCHC_DEMO"  # stands in the environment of every process of a demonstration, so that all are found again
)
PORTS = {  # name → default; CCHC_PORT_<NAME> chooses another
    "airflow": 8080,
    "page": 8000,
    "motcua": 8701,
    "dvcqg": 8702,
    "truc": 8703,
    "smtp": 8704,
    "cong766": 8705,
}
_CODE = ("dags", "plugins", "include", "tests/simulators", "tests/demo")


def variable(port: str) -> str:
    """Return the environment variable that chooses a port."""
    return f"CCHC_PORT_{port.upper()}"


def _ports() -> dict[str, int]:
    found = {}
    for name, default in PORTS.items():
        asked = os.environ.get(variable(name)) or str(default)
        if not asked.isdigit() or not 0 < int(asked) < 65536:
            raise ConfigurationError(f"{variable(name)} is {asked!r}: a port number is needed")
        found[name] = int(asked)
    if len(set(found.values())) < len(found):
        raise ConfigurationError(
            f"two of {', '.join(map(variable, found))} are the same port; each needs its own"
        )
    return found


@dataclass(frozen=True)
class Place:
    """One demonstration; everything it writes is below `home`."""

    home: Path
    day: date
    ports: Mapping[str, int]

    @classmethod
    def read(cls, day: date = DAY) -> Place:
        """Return the demonstration that the environment names; raises `ConfigurationError` for a bad port."""
        home = Path(os.environ.get("CCHC_HOME") or ROOT / ".cchc").resolve()
        return cls(home, day, _ports())

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    @property
    def logs(self) -> Path:
        return self.home / "logs"

    @property
    def releases(self) -> Path:
        return self.home / "releases"

    @property
    def public_site(self) -> Path:
        """The folder that every release's public pages are copied to."""
        return self.home / "site"

    @property
    def simulated(self) -> Path:
        return self.home / "simulated"

    @property
    def passwords(self) -> Path:
        return self.home / "secrets" / "airflow_login.json"

    @property
    def airflow_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports['airflow']}"

    @property
    def page_url(self) -> str:
        return f"http://{LOOPBACK}:{self.ports['page']}/"

    def prepare(self) -> None:
        """Make the folders and, once, the secrets; only their owner can read them."""
        written = (self.logs, self.releases, self.public_site, self.simulated)
        for folder in (*written, self.home / "airflow", self.home / "run"):
            folder.mkdir(parents=True, exist_ok=True)
        self.passwords.parent.mkdir(mode=0o700, exist_ok=True)
        self._once(self.passwords, json.dumps({USER: secrets.token_urlsafe(12)}))

    def password(self) -> str:
        """Return the password of Airflow's user."""
        return str(json.loads(self.passwords.read_text(encoding="utf-8"))[USER])

    def secret(self, name: str) -> str:
        """Return a secret of this demonstration, made at random when first asked for."""
        path = self.passwords.parent / name
        self._once(path, Fernet.generate_key().decode() if name == "fernet" else secrets.token_urlsafe(48))
        return path.read_text(encoding="utf-8")

    @staticmethod
    def _once(path: Path, content: str) -> None:
        if not path.exists():
            part = path.with_name(path.name + ".part")
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
                file.write(content)
            part.replace(path)

    def fingerprint(self) -> str:
        """Return a text that changes when running processes would no longer be what is asked for."""
        digest = hashlib.sha256(json.dumps([str(self.day), dict(self.ports), str(ROOT)]).encode())
        for folder in _CODE:
            for path in sorted((ROOT / folder).rglob("*")):
                if path.is_file() and path.suffix != ".pyc":
                    digest.update(f"{path.relative_to(ROOT)}\0".encode() + path.read_bytes())
        digest.update((ROOT / "requirements.txt").read_bytes())
        return digest.hexdigest()


def base_environment(place: Place) -> dict[str, str]:
    """Return the user's environment without what would steer Airflow or cchc, with the mark and our paths."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("AIRFLOW", "CCHC_", "PYTHON"))}
    return kept | {
        MARK: str(place.home),
        "PYTHONPATH": f"{ROOT / 'include'}{os.pathsep}{ROOT / 'tests'}",
        "PYTHONUNBUFFERED": "1",
        "SPT_NOENV": "1",  # or Airflow, when it sets its processes' titles, overwrites the mark
        "NO_PROXY": f"{LOOPBACK},localhost",
        "no_proxy": f"{LOOPBACK},localhost",
    }


def airflow_environment(place: Place, warehouse: str, metadata: str) -> dict[str, str]:
    """Return the settings of Airflow and of the night it runs; `warehouse` and `metadata` are database URLs."""
    home = place.home / "airflow"
    path = make_url(metadata)
    settings = {
        "CORE__DAGS_FOLDER": str(ROOT / "dags"),
        "CORE__PLUGINS_FOLDER": str(ROOT / "plugins"),
        "CORE__LOAD_EXAMPLES": "False",
        "CORE__EXECUTOR": "LocalExecutor",
        "CORE__PARALLELISM": "6",
        "CORE__DEFAULT_TASK_RETRY_DELAY": "5",
        "CORE__EXECUTION_API_SERVER_URL": f"{place.airflow_url}/execution/",
        "CORE__FERNET_KEY": place.secret("fernet"),
        "CORE__SIMPLE_AUTH_MANAGER_USERS": f"{USER}:admin",
        "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(place.passwords),
        "API__HOST": LOOPBACK,
        "API__PORT": str(place.ports["airflow"]),
        "API__BASE_URL": place.airflow_url,
        "API__WORKERS": "1",
        "API__SECRET_KEY": place.secret("api"),
        "API_AUTH__JWT_SECRET": place.secret("jwt"),
        "DATABASE__SQL_ALCHEMY_CONN": path.set(drivername="postgresql+psycopg2").render_as_string(False),
        "DATABASE__SQL_ALCHEMY_CONN_ASYNC": path.set(drivername="postgresql+asyncpg").render_as_string(False),
        "DATABASE__SQL_ALCHEMY_POOL_SIZE": "3",
        "DATABASE__SQL_ALCHEMY_MAX_OVERFLOW": "5",
        "DAG_PROCESSOR__REFRESH_INTERVAL": "30",
        "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "300",
        "DAG_PROCESSOR__PARSING_PROCESSES": "1",
        "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
        "LOGGING__LOGGING_LEVEL": "WARNING",
        "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.5",
    }
    return {
        **base_environment(place),
        "AIRFLOW_HOME": str(home),
        **{f"AIRFLOW__{key}": value for key, value in settings.items()},
        "CCHC_HOME": str(place.home),
        "CCHC_WAREHOUSE_DSN": warehouse,
        "CCHC_RELEASES": str(place.releases),
        "CCHC_PUBLIC_SITE": str(place.public_site),
        "CCHC_PORTAL_URL": place.page_url,
        "GX_ANALYTICS_ENABLED": "false",
    }
