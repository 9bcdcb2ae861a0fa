"""A real SMB server over a folder, for tests: one login, signed and not encrypted (SMB 2.1)."""

from __future__ import annotations

import importlib
import logging
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from impacket import smbserver
from impacket.ntlm import compute_lmhash, compute_nthash

# impacket puts a script smbclient.py beside the interpreter, where it hides the package of that name from whatever is
# started from there
_BESIDE = str(Path(sys.executable).parent)
if _BESIDE in sys.path:
    sys.path.remove(_BESIDE)
importlib.import_module("smbclient")

LOGIN, PASSWORD, SHARE = "sotay", "p@ss:word/1", "SOTINH"


class Server(NamedTuple):
    """Where it listens, and the server itself."""

    port: int
    own: smbserver.SMBSERVER


@contextmanager
def serving(root: Path) -> Iterator[Server]:
    """Serve a folder as a share until the end."""
    logging.getLogger("impacket").setLevel(logging.CRITICAL)
    simple = smbserver.SimpleSMBServer("127.0.0.1", 0)
    simple.addShare(SHARE, str(root), readOnly="yes")
    simple.setSMB2Support(True)
    simple.addCredential(LOGIN, 0, compute_lmhash(PASSWORD).hex(), compute_nthash(PASSWORD).hex())
    own = simple.getServer()
    own.daemon_threads, own.block_on_close = True, False
    thread = threading.Thread(target=simple.start, daemon=True)
    thread.start()
    try:
        yield Server(own.server_address[1], own)
    finally:
        own.shutdown()
        own.server_close()
        thread.join(5)
