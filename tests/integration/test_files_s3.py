"""Registers in a bucket of a real S3 server, and the servers that are down, slow, strict or mistaken."""

from __future__ import annotations

import socket
import threading
import time
import unicodedata
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
import yaml
from click.testing import CliRunner
from sqlalchemy import Engine

from cchc import night
from cchc.catalogue.models import Host
from cchc.cli import app
from cchc.errors import ConfigurationError, SourceError, SourceRefused, SourceUnavailable
from cchc.sources.connector import Connection
from cchc.sources.kinds.stores import s3 as buckets
from cchc.sources.kinds.stores.store import Store
from cchc.sources.web.meter import METER
from integration.installation import installed
from integration.rows import DAY, scalar
from integration.s3_server import BUCKET, Fault, Login, Server, answering, sending, serving, when_fetched

HEADINGS = "ma_phan_anh,loai,ngay_tiep_nhan,han_tra_loi,ngay_tra_loi,khong_hai_long,phan_anh_lai\n"
ROW = "PA{},tthc,10/11/2026,20/11/2026,,,\n"


@pytest.fixture(scope="module")
def serves(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with serving(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def s3(serves: Server) -> Iterator[Server]:
    yield serves
    serves.fault = None
    serves.asked.clear()
    serves.delete()


def store(s3: Server, folder: str = "x", login: Login | None = None, url: str = "", **of_host: Any) -> Store:
    key, secret = login or s3.reader
    terms = {
        "private": True,
        "ca_bundle": s3.bundle,
        "also": (s3.url,),
        "connect_seconds": 2,
        "read_seconds": 1,
    }
    host = Host(code="h", connection="h", **terms | of_host)
    return Store("s", host, Connection(url or f"s3://{BUCKET}/so", key, secret), folder).open()


def read(s3: Server, pattern: str = "*.csv", **how: Any) -> dict[str, bytes]:
    """Return the files of a pattern, as a pull reads them."""
    found = {}
    with closing(store(s3, **how)) as kept:
        kept.check()
        for path in kept.find(pattern):
            name = path.removeprefix(f"{BUCKET}/so/")
            with kept.opened(path, name) as file:
                found[name] = file.read()
    return found


def test_a_bucket_is_read_like_a_folder(s3: Server) -> None:
    of_a_mac = unicodedata.normalize("NFD", "Sổ một cửa 1.csv")
    odd = ("a b+c.csv", "50% #1?.csv", "a&b=c;d.csv", "50% #1?versionId=2.csv", "ừ'\"<ờ>.csv")
    for name in ("SO_2.CSV", of_a_mac, *odd, "~$so_3.csv", "so_5.csv.part", "đợt/1/so_4.csv"):
        s3.put(f"so/snv[1] sở/{name}", name.encode())
    s3.put("so/snv[1] sở/", b"")  # stands for the folder itself
    s3.put("so/snv[1] sở/đợt/", b"")
    s3.put("so/snv[1] sở//lost.csv", b"x")  # a folder without a name
    s3.put("so/snv[1] sở/empty.txt", b"")
    s3.put("so/snv[1] sở 2/other.csv", b"x")
    kept = store(s3, "snv[1] sở")
    with closing(kept):
        kept.check()

        def names(pattern: str) -> list[str]:
            return [path.rpartition("/")[2] for path in kept.find(pattern)]

        assert names("so_*.csv") == ["SO_2.CSV"]
        assert names("so mot cua *.csv") == [of_a_mac]
        assert names("dot/*/*.csv") == ["so_4.csv"]
        assert names("**/so_*.csv") == ["SO_2.CSV", "so_4.csv"]
        assert set(kept.names()) == {"SO_2.CSV", of_a_mac, *odd, "empty.txt"}
        for path in kept.find("*"):
            with kept.opened(path, "it") as file:
                assert file.read() == path.rpartition("/")[2].encode().replace(b"empty.txt", b"")


def test_a_folder_that_a_mac_wrote_and_an_address_in_percent(s3: Server) -> None:
    s3.put("so/" + unicodedata.normalize("NFD", "Sở Nội vụ") + "/a.csv", b"a")
    assert list(read(s3, folder="Sở Nội vụ").values()) == [b"a"]
    assert len(read(s3, url=f"s3://{BUCKET}", folder="so/Sở Nội vụ")) == 1
    s3.put("sổ #1/x/a.csv", b"a")
    assert len(read(s3, url=f"s3://{BUCKET}/s%E1%BB%95%20%231")) == 1


def test_more_files_than_a_page_of_a_list(s3: Server) -> None:
    for number in range(2_001):
        s3.put(f"so/x/{number:05}.csv", b"")
    with closing(store(s3)) as kept:
        kept.check()
        assert len(kept.find("*.csv")) == len(kept.names()) == 2_001
    assert len(s3.asked) <= 4


def _catalogue(folder: Path, s3: Server) -> Path:
    folder.mkdir()
    host = {"code": "kho", "connection": "kho", "private": True, "also": [s3.url], "ca_bundle": s3.bundle}
    unit = {"code": "A1", "name": "Phường Một", "group": "commune", "valid_from": "2025-07-01"}
    source = {"code": "a1-so", "host": "kho", "params": {"folder": "a1", "datasets": "petition"}}
    defaults = {"profile": "registers", "unit": "A1", "history_from": "2026-10-15"}
    files: dict[str, Any] = {
        "province.yaml": {"code": "H99", "name": "Tỉnh Khác"},
        "units.yaml": [unit],
        "hosts.yaml": [host],
        "sources.yaml": [{"defaults": defaults, "sources": [source]}],
    }
    for name, content in files.items():
        (folder / name).write_text(yaml.safe_dump(content, allow_unicode=True), encoding="utf-8")
    return folder


class _Bucket:
    """What an installation needs to know of a bucket."""

    def __init__(self, login: Login) -> None:
        self._login = login

    def environment(self) -> dict[str, str]:
        return {
            "AIRFLOW_CONN_KHO": f"s3://{self._login.key}:{self._login.secret.replace('/', '%2F')}@{BUCKET}/so",
            "AWS_PROFILE": "of-somebody-else",  # of the machine's user: nothing of it counts
            "AWS_ENDPOINT_URL": "http://127.0.0.1:9",
            "HTTPS_PROXY": "http://127.0.0.1:9",
        }


def test_a_night_from_a_bucket(
    s3: Server, warehouse: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    s3.put("so/a1/so_phan_anh_2026.csv", (HEADINGS + "".join(map(ROW.format, range(1_500)))).encode())
    of_bucket: Any = _Bucket(s3.reader)
    catalogue = _catalogue(tmp_path / "catalogue", s3)
    with installed(monkeypatch, warehouse, tmp_path / "home", of_bucket, catalogue):
        seen = CliRunner().invoke(
            app, ["source", "check", "a1-so", "--day", str(DAY)], catch_exceptions=False
        )
        assert seen.exit_code == 0, seen.output
        assert "1,500" in seen.output or "1500" in seen.output
        run_id = night.open_run(DAY)
        assert night.pull_source(run_id, "a1-so").state == "pulled"
        assert scalar(warehouse, "select count(*) from stg.petition") == 1_500
        for name in ("AWS_PROFILE", "AWS_ENDPOINT_URL", "HTTPS_PROXY"):  # the server here reads them too
            monkeypatch.delenv(name)
        of_bucket = _Bucket(Login(s3.reader.key, "hunter2"))
        monkeypatch.setenv("AIRFLOW_CONN_KHO", of_bucket.environment()["AIRFLOW_CONN_KHO"])
        failed = night.pull_source(night.open_run(DAY), "a1-so")
        assert (failed.state, failed.error_class) == ("failed", "SourceRefused"), failed.message
        assert "login or password is wrong" in str(failed.message)
        seen = CliRunner().invoke(app, ["source", "check", "a1-so", "--day", str(DAY)])
        assert "login or password is wrong" in str(seen.exception)
        assert "hunter2" not in f"{seen.output} {seen.exception} {failed.message}"


MALFORMED = ("400 Bad Request", "AuthorizationHeaderMalformed")
SKEWED = answering("403 Forbidden", "RequestTimeTooSkewed")


@pytest.mark.parametrize(
    ("how", "error", "words"),
    [
        ({"login": Login("AKIANOBODY", "hunter2")}, SourceRefused, "login or password is wrong. Ask the server's"),
        ({"url": "s3://so-huyen/so"}, SourceRefused, "no bucket of this name. Look at the address of the conn"),
        ({"login": Login("AKIAREADER", "")}, ConfigurationError, "connection h: a bucket is read with a key and its"),
        ({"login": Login("", "")}, ConfigurationError, "give both, as s3://key:secret@bucket/folder"),
        ({"folder": "y"}, SourceUnavailable, r"\[so-tinh/so/y\]: the server has no such folder \(share, or prefix of"),
        ({"private": False}, SourceRefused, r"\[localhost\]: .* of this machine, .* declare private: true"),
        ({"ca_bundle": None}, SourceUnavailable, "its certificate is of no authority that is known here"),
        ({"also": ()}, ConfigurationError, r"one only: also: \[https://server:9000\] \(hosts.yaml\)"),
        ({"also": ("https://a", "https://b")}, ConfigurationError, "one only"),
        ({"also": ("http://minio",)}, ConfigurationError, "or declare plain_http: true"),
        ({"also": ("https://minio.invalid",)}, SourceUnavailable, "its name is not known"),
        ({"also": ("https://169.254.169.254",)}, SourceRefused, "cloud keeps its secrets, .*No host may have such an"),
        ({"also": ("https://127.0.0.1:9",)}, SourceUnavailable, "nothing answers at its address"),
        ({"url": "s3://so%2Fx/so"}, ConfigurationError, "a bucket is given as s3://key:secret@bucket/folder"),
        ({"fault": answering("403 Forbidden", "SignatureDoesNotMatch")}, SourceRefused, "login or password is wrong"),
        ({"fault": SKEWED}, SourceUnavailable, "clocks of the server and of this machine are too far apart"),
        ({"fault": answering("503 Slow Down", "SlowDown")}, SourceUnavailable, "asks for fewer requests"),
        ({"fault": answering("500 Error", "InternalError")}, SourceUnavailable, r"the server fails \(HTTP 5xx\): its"),
        ({"fault": answering("500 Error", of="a.csv")}, SourceUnavailable, r"\[x/a.csv\]: .* fails \(HTTP 5xx\): its"),
        ({"fault": answering(*MALFORMED)}, SourceRefused, "the server is of another region"),
        ({"fault": sending(b"<html>")}, SourceUnavailable, "cannot be read"),
        ({"fault": sending(b'<!DOCTYPE a [<!ENTITY x "x">]><a>&x;</a>')}, SourceUnavailable, "declares a DTD or an"),
        ({"fault": sending(b"<a>", says=100)}, SourceUnavailable, "the server broke it off"),
        ({"fault": answering("403 Forbidden", of="a.csv")}, SourceRefused, r"\[x/a.csv\]: the login may not list or"),
    ],
)  # fmt: skip
def test_what_is_not_read(s3: Server, how: dict[str, Any], error: type[Exception], words: str) -> None:
    s3.put("so/x/a.csv", b"a")
    s3.fault = how.pop("fault", None)
    with pytest.raises(error, match=words) as caught:
        read(s3, **how)
    assert "hunter2" not in str(caught.value)
    assert s3.reader.secret not in str(caught.value)


def test_who_may_list_and_not_read(s3: Server) -> None:
    s3.put("so/x/a.csv", b"a")
    with pytest.raises(
        SourceRefused, match=r"\[x/a.csv\]: the login may not list or read it. The server's adm"
    ):
        read(s3, login=s3.lister)
    with pytest.raises(SourceRefused, match="s: the login may not list or read it"):
        read(s3, login=s3.getter)


def test_a_server_of_another_region_is_asked_by_its_own(s3: Server) -> None:
    s3.put("so/x/a.csv", b"a")
    wrong = answering(*MALFORMED, more="<Region>vn-hn-1</Region>")

    def by_region(environ: dict[str, Any], start: Any, own: Any) -> Any:
        is_right = "/vn-hn-1/s3/" in environ.get("HTTP_AUTHORIZATION", "")
        return None if is_right else wrong(environ, start, own)

    s3.fault = by_region
    assert read(s3) == {"x/a.csv": b"a"}


@pytest.mark.parametrize("code", ["301 Moved", "307 Temporary Redirect"])
def test_a_redirect_to_another_server_is_not_followed(s3: Server, code: str) -> None:
    s3.put("so/x/a.csv", b"a")
    with closing(socket.create_server(("127.0.0.1", 0))) as other:
        other.settimeout(0.1)
        place = f"http://127.0.0.1:{other.getsockname()[1]}/so-tinh"

        def lead(_environ: Any, start: Any, _own: Any) -> list[bytes]:
            start(code, [("Location", place), ("Content-Length", "0"), ("x-amz-bucket-region", "vn-hn-1")])
            return []

        s3.fault = lead
        with pytest.raises(SourceUnavailable, match="nothing answers at its address"):
            read(s3)
        with pytest.raises(TimeoutError):
            other.accept()


def _other(s3: Server, content: bytes | None) -> Fault:
    """Have a file changed, or gone, just before its content is sent, or after."""

    def change(_start: Any, own: Callable[[], list[bytes]]) -> list[bytes] | None:
        s3.fault = None
        sent = own() if content else None
        s3.put("so/x/a.csv", content) if content else s3.delete("so/x/a.csv")
        return sent

    return when_fetched(change)


def test_a_file_that_is_put_anew_while_it_is_read(s3: Server) -> None:
    """By another of the same size, within the second that is all a bucket tells of its time."""
    for other in (b"b", b"bb"):
        s3.put("so/x/a.csv", b"a")
        s3.fault = _other(s3, other)
        with pytest.raises(SourceUnavailable, match=r"\[x/a.csv\]: the file changed while it was read"):
            read(s3)


def test_a_file_that_goes_between_list_and_reading(s3: Server) -> None:
    s3.put("so/x/a.csv", b"a")
    s3.fault = _other(s3, None)
    with pytest.raises(SourceUnavailable, match=r"\[x/a.csv\]: .*: it is not there any more"):
        read(s3)


def test_a_server_that_dies_in_the_middle(s3: Server) -> None:
    content = b"0123456789" * 300_000
    s3.put("so/x/a.csv", content)
    s3.fault = when_fetched(lambda _start, own: own() and [content[: len(content) // 2]])
    with pytest.raises(SourceUnavailable, match=r"\[x/a.csv\]: .*the server broke it off"):
        read(s3)
    s3.fault = None
    assert read(s3) == {"x/a.csv": content}
    METER.forget("s")
    read(s3)
    is_asked, moved = METER.of("s")
    assert not is_asked
    assert moved % 65_536 == len(content) % 65_536, "what came of the file, and so much for each answer"


def test_more_comes_than_was_stated(s3: Server) -> None:
    s3.put("so/x/a.csv", b"a")

    def pour(start: Any, _own: Any) -> Any:
        start("200 OK", [("ETag", '"x"'), ("Content-Length", str(10**12))])
        return (b"0" * 1024 * 1024 for _ in range(1_000_000))

    s3.fault = when_fetched(pour)
    METER.forget("s")
    with pytest.raises(SourceUnavailable, match="bytes came of a file that has 1"):
        read(s3)
    assert METER.of("s")[1] < 2 * 1024 * 1024


def test_a_list_without_end(s3: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(buckets._Bounded, "_left", 3_000)
    again = (
        b"<ListBucketResult><IsTruncated>true</IsTruncated><NextContinuationToken>1</NextContinuationToken>"
        b"<Contents><Key>so/x/a.csv</Key><Size>1</Size></Contents></ListBucketResult>"
    )
    s3.fault = sending(again)
    with pytest.raises(SourceUnavailable, match="its lists are longer than is sensible"):
        read(s3)


@pytest.mark.parametrize("of", ["HEAD", "GET"])
def test_a_server_that_hangs_or_trickles(s3: Server, of: str) -> None:
    s3.put("so/x/a.csv", b"a" * 100)
    over = threading.Event()

    def hang(environ: dict[str, Any], start: Any, own: Any) -> Any:
        if environ["REQUEST_METHOD"] == of == "HEAD":
            over.wait(10)
        if environ["PATH_INFO"].endswith(".csv") and environ["REQUEST_METHOD"] == of:
            start("200 OK", [("Content-Length", "100")])
            return (b"a" if not over.wait(0.2) else b"" for _ in range(100))
        return None

    s3.fault = hang
    started = time.monotonic()
    how: dict[str, Any] = {"read_seconds": 0.3} if of == "HEAD" else {"total_seconds": 1}
    words = "does not answer in time" if of == "HEAD" else "within the time that their host allows"
    with pytest.raises(SourceUnavailable, match=words):
        read(s3, **how)
    assert time.monotonic() - started < 3
    over.set()


def test_no_secret_is_in_any_log(s3: Server, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0)
    s3.put("so/x/a.csv", b"a")
    read(s3)
    with pytest.raises(SourceError):
        read(s3, login=Login(s3.reader.key, "hunter2"))
    own = "".join(record.getMessage() for record in caplog.records if record.levelname != "DEBUG")
    assert s3.reader.secret not in own + caplog.text
    assert "hunter2" not in caplog.text
