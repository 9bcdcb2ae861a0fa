"""The simulated systems speak like real ones: credentials, paging, their own errors, and misbehaviour on demand."""

from __future__ import annotations

import csv
import json
import smtplib
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests

from simulators.faults import FaultKind
from simulators.province import DAY, Running, only, running, write_environment

SITE, UNIT, ORGAN, FOLDER = "snv-motcua", "01290-dvcqg", "snv-vanban", "01290-sotay"
WHOLE = {"fromReceiveDate": "15/10/2026", "toReceiveDate": "14/11/2026"}


@pytest.fixture(scope="module")
def province(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    home = tmp_path_factory.mktemp("province")
    with running(home, DAY, systems=only(SITE, UNIT, ORGAN, FOLDER), faults={}) as started:
        yield started


@pytest.fixture
def systems(province: Running) -> Iterator[Running]:
    yield province
    province.behave()


@pytest.fixture
def http() -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        yield session


def key(systems: Running, source: str) -> str:
    return next(s.key for s in systems.province.systems if s.source == source)


def dossiers(systems: Running, http: requests.Session, timeout: float = 5, **query: Any) -> requests.Response:
    headers = {"groupId": key(systems, SITE)}
    url = f"{systems.connections()['motcua']}/o/rest/v2/dossiers"
    return http.get(url, params=WHOLE | query, headers=headers, timeout=timeout)


def national(systems: Running, http: requests.Session, token: str, **query: Any) -> requests.Response:
    asked = {"maDonVi": key(systems, UNIT), "tuNgay": "15/10/2026", "denNgay": "14/11/2026"} | query
    url = f"{systems.servers['dvcqg'].url}/api/hoso"
    return http.get(url, params=asked, headers={"Authorization": f"Bearer {token}"}, timeout=5)


def token(systems: Running, http: requests.Session, secret: str = "") -> requests.Response:
    login, password = systems.credentials["dvcqg"]
    form = {"client_id": login, "client_secret": secret or password}
    return http.post(f"{systems.servers['dvcqg'].url}/api/token", data=form, timeout=5)


def exchange(systems: Running, http: requests.Session, path: str = "", **query: Any) -> requests.Response:
    login, password = systems.credentials["truc"]
    headers = {"X-SystemId": login, "X-SecretKey": password}
    asked = {
        "organ": key(systems, ORGAN),
        "direction": "out",
        "from": "2026-10-15",
        "to": "2026-11-14",
    } | query
    url = f"{systems.servers['truc'].url}/api/edocs{path}"
    return http.get(url, params={} if path else asked, headers=headers, timeout=5)


def test_opencps_pages_and_traps(systems: Running, http: requests.Session) -> None:
    whole = dossiers(systems, http).json()
    pages = [
        dossiers(systems, http, start=start, end=start + 50).json() for start in range(0, whole["total"], 50)
    ]
    rows = [
        row for page in pages for row in (page["data"] if isinstance(page["data"], list) else [page["data"]])
    ]
    assert whole["total"] == len(whole["data"]) == len(rows)
    assert {row["dossierNo"] for row in whole["data"]} == {row["dossierNo"] for row in rows}
    one = dossiers(systems, http, start=0, end=1).json()
    assert isinstance(one["data"], dict)  # a list of one arrives as an object
    none = dossiers(systems, http, fromReceiveDate="01/01/2020", toReceiveDate="02/01/2020").json()
    assert none == {"total": 0}
    assert {type(row["applicantIdNo"]) for row in whole["data"]} == {int, str}
    assert "CANARY" in whole["data"][0]["applicantName"]


def test_a_later_day_gives_more_and_changes_what_was_open(systems: Running, http: requests.Session) -> None:
    before = {row["dossierNo"]: row for row in dossiers(systems, http).json()["data"]}
    after = {
        row["dossierNo"]: row for row in dossiers(systems, http, toReceiveDate="20/11/2026").json()["data"]
    }
    assert set(before) < set(after)
    assert any(before[no]["releaseDate"] == "" and after[no]["releaseDate"] != "" for no in before)
    assert before == {row["dossierNo"]: row for row in dossiers(systems, http).json()["data"]}


def test_credentials_are_needed(systems: Running, http: requests.Session) -> None:
    assert all(len(password) >= 16 for _, password in systems.credentials.values())
    bare = http.get(
        f"{systems.servers['motcua'].url}/o/rest/v2/dossiers", headers={"groupId": "1"}, timeout=5
    )
    assert (bare.status_code, bare.headers["WWW-Authenticate"][:5]) == (401, "Basic")
    assert token(systems, http, "wrong").status_code == 401
    assert national(systems, http, "wrong").json()["errorCode"] == "101"
    assert http.get(f"{systems.servers['truc'].url}/api/edocs", timeout=5).status_code == 401
    assert all(secret not in repr(systems) for _, secret in systems.credentials.values())


def test_national(systems: Running, http: requests.Session) -> None:
    granted = token(systems, http).json()["access_token"]
    whole = national(systems, http, granted, soLuong=1000).json()
    second = national(systems, http, granted, trang=2, soLuong=20).json()
    assert whole["tongSo"] == len(whole["duLieu"]) == second["tongSo"]
    assert second["duLieu"] == whole["duLieu"][20:40]
    refused = national(systems, http, granted, maDonVi="H14.99").json()
    assert (refused["status"], refused["errorCode"]) == (0, "100")
    systems.misbehave(UNIT, "expired_token", 1)
    granted = token(systems, http).json()["access_token"]
    assert [national(systems, http, granted).status_code for _ in range(2)] == [200, 401]
    assert national(systems, http, token(systems, http).json()["access_token"]).status_code == 200


def test_exchange(systems: Running, http: requests.Session) -> None:
    listed = exchange(systems, http).json()
    assert listed["status"] == "OK"
    kinds = set()
    for entry in listed["documents"][:20]:
        tree = ET.fromstring(exchange(systems, http, f"/{entry['docId']}").content)
        status = [e.text for e in tree.iter() if e.tag.endswith("}StatusCode")]
        kinds.add(entry["messageType"])
        assert bool(status) == (entry["messageType"] == "status")
    assert kinds == {"edoc", "status"}
    assert exchange(systems, http, "/nobody").status_code == 404


@pytest.mark.parametrize("kind", ["refuse", "cut_body", "hang", "drip"])
def test_faults_of_the_connection(systems: Running, http: requests.Session, kind: FaultKind) -> None:
    systems.misbehave(SITE, kind)
    with pytest.raises(requests.RequestException):
        dossiers(systems, http, timeout=0.2)
    systems.behave(SITE)
    assert dossiers(systems, http).json()["total"] > 0


def test_faults_of_the_answer(systems: Running, http: requests.Session) -> None:
    good = dossiers(systems, http).json()

    def under(kind: FaultKind, value: object = "", **query: Any) -> requests.Response:
        systems.misbehave(SITE, kind, value)
        return dossiers(systems, http, **query)

    assert "<form" in under("html_200").text
    assert "data" not in under("error_in_200").json()
    assert under("http_500", 2, start=0, end=20).status_code == 200
    assert under("http_500", 2, start=20, end=40).status_code == 500
    assert [under("http_429").status_code, *(dossiers(systems, http).status_code for _ in range(2))] == [
        429,
        429,
        200,
    ]
    assert under("repeated_page", start=50, end=60).json()["data"] == good["data"][:10]
    assert all("receiveDate" not in row for row in under("missing_field").json()["data"])
    assert all("receiveDateMoi" in row for row in under("renamed_field").json()["data"])
    assert under("wrong_type", "dossierNo").json()["data"][0]["dossierNo"] == {
        "value": good["data"][0]["dossierNo"]
    }
    assert isinstance(under("wrong_type", "data").json()["data"], str)
    assert under("empty").json() == {"total": 0}
    assert under("total_mismatch").json()["total"] == good["total"] + 3
    assert under("expired_token").status_code == 401
    assert under("slow", 0.1).elapsed.total_seconds() > 0.1


def test_bad_rows(systems: Running, http: requests.Session) -> None:
    good = dossiers(systems, http).json()["data"]
    systems.misbehave(SITE, "bad_rows", 5)
    rows = dossiers(systems, http).json()["data"]
    assert len(rows) > len(good)  # some come twice, and differ
    assert "" in {row["dossierNo"] for row in rows}
    assert "archived" in {row["dossierStatus"] for row in rows}
    assert any(row["receiveDate"].startswith("31/02/") for row in rows)
    assert any(row["receiveDate"][6:10] == "2028" for row in rows)
    assert len({row["dossierId"] for row in rows}) == len(rows)


def test_faults_are_switched_over_http_too(systems: Running, http: requests.Session) -> None:
    url = f"{systems.connections()['motcua']}/_control"
    switched = http.post(url, json={"source": SITE, "fault": "empty"}, timeout=5)
    assert switched.json() == {SITE: {"fault": "empty", "value": ""}}
    assert dossiers(systems, http).json() == {"total": 0}
    assert http.post(url, json={"source": SITE, "fault": "explode"}, timeout=5).status_code == 400
    assert http.delete(url, timeout=5).json() == {}
    assert http.get(f"{systems.servers['motcua'].url}/_control", timeout=5).status_code == 401
    http.post(url, json={"source": FOLDER, "fault": "refuse"}, timeout=5)
    assert not (systems.registers / key(systems, FOLDER)).exists()
    http.delete(url, timeout=5)
    http.post(url, json={"day": "2026-12-02"}, timeout=5)
    assert (systems.registers / key(systems, FOLDER) / "so_tiep_nhan_2026-12.csv").exists()
    http.post(url, json={"day": str(DAY)}, timeout=5)
    with pytest.raises(KeyError, match="no-such"):
        systems.misbehave("no-such", "empty")


def test_registers(systems: Running) -> None:
    folder = systems.registers / key(systems, FOLDER)
    names = {path.name for path in folder.iterdir()}
    assert {
        "so_tiep_nhan_2026-11.csv",
        "so_van_ban_2026-10.ndjson",
        "so_phan_anh_2026-11.csv",
        "thu_tuc.xlsx",
        "chi_tieu_bao_cao.xlsx",
    } <= names
    with (folder / "so_tiep_nhan_2026-10.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert "CANARY" in rows[0]["ho_ten"]
    documents = (folder / "so_van_ban_2026-10.ndjson").read_text(encoding="utf-8").splitlines()
    assert {json.loads(line)["chieu"] for line in documents} == {"den", "di"}
    before = (folder / "thu_tuc.xlsx").read_bytes()
    systems.misbehave(FOLDER, "empty")
    assert len((folder / "so_tiep_nhan_2026-11.csv").read_text(encoding="utf-8").splitlines()) == 1
    systems.misbehave(FOLDER, "refuse")
    assert not folder.exists()
    systems.behave(FOLDER)
    assert (folder / "thu_tuc.xlsx").read_bytes() == before


def test_mail_is_kept(systems: Running) -> None:
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = "cchc@x.example", "motcua@y.example", "Hồ sơ cần sửa"
    message.set_content("Kính gửi")
    with smtplib.SMTP("127.0.0.1", systems.mail.port, timeout=5) as smtp:
        smtp.send_message(message)
        systems.mail.refusing.add("nobody@y.example")
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            smtp.sendmail("cchc@x.example", ["nobody@y.example"], "x")
    assert [str(kept["Subject"]) for kept in systems.mail.messages()] == ["Hồ sơ cần sửa"]


def test_environment(systems: Running, tmp_path: Path) -> None:
    write_environment(tmp_path / "simulators.env", systems.environment())
    lines = (tmp_path / "simulators.env").read_text(encoding="utf-8").splitlines()
    assert [line.partition("=")[0] for line in lines] == [
        "AIRFLOW_CONN_MOTCUA",
        "AIRFLOW_CONN_DVCQG",
        "AIRFLOW_CONN_TRUC",
        "AIRFLOW_CONN_CONG766",
        "AIRFLOW_CONN_SOTAY",
        "CCHC_SMTP_HOST",
        "CCHC_SMTP_PORT",
    ]
    assert (tmp_path / "simulators.env").stat().st_mode & 0o077 == 0
