"""A real MariaDB in a folder of its own, from Debian's mariadb-server: as a careless vendor might have set it up."""

from __future__ import annotations

import getpass
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pymysql

SERVER = shutil.which("mariadbd", path="/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin")
_INSTALL = shutil.which("mariadb-install-db")
MISSING = SERVER is None or _INSTALL is None

# no wait for the disk: only a machine that loses power would notice
_SMALL = (
    *("--innodb-log-file-size=4M", "--innodb-buffer-pool-size=16M", "--aria-log-file-size=8M"),
    *("--innodb-undo-tablespaces=0", "--innodb-flush-method=nosync"),
)
# what a reader must not rely on: a snapshot, the zone, that no date is zero
_CARELESS = (
    *("--transaction-isolation=READ-COMMITTED", "--default-time-zone=+00:00", "--sql-mode="),
    *("--character-set-server=utf8mb4", "--collation-server=utf8mb4_general_ci", "--skip-name-resolve"),
)


class MariaDb:
    """Runs from `start` to `stop`; `url` is its database `vendor` over the network, `socket_url` over its socket."""

    def __init__(self, certificate: Path) -> None:
        self._certificate = certificate
        self._home = Path(tempfile.mkdtemp(prefix="cchc-mariadb-"))  # short: a socket's path has 107 letters
        self._data, self._socket = self._home / "data", self._home / "s"
        self._process: subprocess.Popen[bytes] | None = None
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"mysql://127.0.0.1:{self.port}/vendor"
        self.socket_url = f"mysql://{quote(str(self._socket), safe='')}/vendor"
        made = [
            f"--datadir={self._data}",
            f"--user={getpass.getuser()}",
            "--auth-root-authentication-method=normal",
        ]
        subprocess.run(
            [str(_INSTALL), "--no-defaults", *made, "--skip-test-db", "--skip-name-resolve", *_SMALL],
            check=True,
            capture_output=True,
        )

    def start(self, *, tls: bool = True) -> None:
        """Start it, and wait until it answers."""
        shown = (
            [f"--ssl-cert={self._certificate}", f"--ssl-key={self._certificate}"] if tls else ["--skip-ssl"]
        )
        places = [f"--datadir={self._data}", f"--socket={self._socket}", f"--pid-file={self._home / 'pid'}"]
        with (self._home / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [
                    *(str(SERVER), "--no-defaults", *places, f"--user={getpass.getuser()}"),
                    *(f"--port={self.port}", "--bind-address=127.0.0.1", *shown, *_SMALL, *_CARELESS),
                ],
                stdout=log,
                stderr=log,
            )
        deadline = time.monotonic() + 30
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError((self._home / "log").read_text()[-3000:])
            time.sleep(0.05)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            return client.connect_ex(str(self._socket)) == 0

    def owner(self, database: str = "vendor") -> pymysql.Connection[Any]:
        """Return a connection of who may do everything; to be closed."""
        return pymysql.connect(
            unix_socket=str(self._socket), user="root", database=database, autocommit=True, ssl_disabled=True
        )

    def run(self, *statements: str) -> None:
        """Let the owner do something."""
        connection = self.owner()
        try:
            with connection.cursor() as cursor:
                for statement in statements:
                    cursor.execute(statement)
        finally:
            connection.close()

    def kill(self) -> None:
        """End it as a machine that loses power would."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def stop(self) -> None:
        """End it and remove what it kept: nobody wants it shut down in order."""
        self.kill()
        shutil.rmtree(self._home, ignore_errors=True)
