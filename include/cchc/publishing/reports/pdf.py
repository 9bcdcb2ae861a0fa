"""A report as PDF, by the LibreOffice of the machine; the network is not used."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from pathlib import Path

from cchc.errors import CchcError, ConfigurationError

_SECONDS = 180  # a cold start on a busy machine is slow; a document that hangs must not be waited for


class NotConverted(CchcError):
    """LibreOffice did not make a PDF."""


def convert(docx: bytes, seconds: float = _SECONDS) -> bytes:
    """Return a Word file as PDF.

    Raises `ConfigurationError` where LibreOffice is not installed, `NotConverted` where it makes no PDF in time.
    """
    office = shutil.which("soffice") or shutil.which("libreoffice")
    if office is None:
        raise ConfigurationError(
            "chưa cài LibreOffice nên không tạo được PDF (LibreOffice is not on PATH): "
            "apt-get install libreoffice-writer-nogui fonts-liberation; or write a .docx and save it as PDF in Word"
        )
    with tempfile.TemporaryDirectory(prefix="cchc-pdf-") as folder:
        held = Path(folder)
        source = held / "report.docx"
        source.write_bytes(docx)
        command = [
            office,
            f"-env:UserInstallation={(held / 'profile').as_uri()}",  # its own: another one that is open locks it
            "--headless",
            "--norestore",
            "--nolockcheck",
            "--convert-to",
            "pdf:writer_pdf_Export",
            "--outdir",
            str(held),
            str(source),
        ]
        said = _run(command, held, seconds)
        made = held / "report.pdf"
        if not made.is_file():
            raise NotConverted(f"LibreOffice ({office}) made no PDF: {said or 'it said nothing'}")
        return made.read_bytes()


def _run(command: list[str], home: Path, seconds: float) -> str:
    """Run the converter in a process group of its own, for it starts children; returns what it said."""
    own = {**os.environ, "HOME": str(home)}
    with subprocess.Popen(
        command,
        cwd=home,
        env=own,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    ) as process:
        try:
            said, _ = process.communicate(timeout=seconds)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise NotConverted(
                f"LibreOffice did not make a PDF within {seconds:g} s: it was ended; is the machine very busy?"
            ) from None
    return said.decode(errors="replace").strip()[-300:]
