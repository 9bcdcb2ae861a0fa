"""A one-stop system that answers at once: invented dossiers of 1.4 KB, `python -m bench.intake_system RECORDS`.

Moments are written by ISO 8601 and null where there is none, as dlt by itself takes for moments.

It prints its port. Every site has the same dossiers, in pages that are made once, so that the system costs next to
nothing. `/plain/<site>?start=&end=` serves them without the headers of OpenCPS, for clients that send none.
"""

from __future__ import annotations

import json
import random
import sys
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

PAGE = 1_000
_FORM = "%Y-%m-%dT%H:%M:%S+07:00"


def record(number: int) -> dict[str, Any]:
    """Return an invented dossier with the fields of OpenCPS."""
    chance = random.Random(number)
    received = datetime(2026, 10, 16) + timedelta(minutes=chance.randrange(40_000))  # noqa: DTZ001
    due = received + timedelta(days=chance.randrange(3, 30), hours=2)
    done = chance.random() < 0.7
    finished = due - timedelta(hours=chance.randrange(1, 60))
    return {
        "dossierId": number,
        "groupId": 20109,
        "dossierNo": f"H14.000-{received:%y%m%d}-{number:06d}",
        "serviceCode": f"1.{chance.randrange(400):06d}",
        "serviceName": f"Cấp giấy chứng nhận đăng ký kinh doanh, thủ tục {chance.randrange(400)}",
        "domainCode": f"G{chance.randrange(40):02d}",
        "domainName": "Thành lập và hoạt động của hộ kinh doanh",
        "online": chance.random() < 0.6,
        "dossierStatus": "done" if done else "processing",
        "dossierStatusText": "Đã trả kết quả" if done else "Đang xử lý",
        "receiveDate": received.strftime(_FORM),
        "dueDate": due.strftime(_FORM),
        "releaseDate": finished.strftime(_FORM) if done else None,
        "finishDate": due.strftime(_FORM) if done else None,
        "createDate": received.strftime(_FORM),
        "modifiedDate": finished.strftime(_FORM),
        "submitDate": received.strftime(_FORM),
        "applicantName": f"Công dân số {number}",
        "applicantIdType": "citizen",
        "applicantIdNo": f"{number:012d}",
        "applicantIdDate": "01/01/2020",
        "address": f"Số {number % 300}, phường Thục Phán, tỉnh Cao Bằng",
        "contactName": f"Người liên hệ {number}",
        "contactTelNo": f"09{number:08d}",
        "contactEmail": f"a{number}@example.com",
        "delegateName": f"Người nộp {number}",
        "delegateIdNo": f"{number:012d}",
        "delegateTelNo": f"09{number:08d}",
        "viaPostal": chance.randrange(3),
        "govAgencyCode": "G01",
        "govAgencyName": "Ủy ban nhân dân xã số 000",
        "dossierNote": "Hồ sơ đủ thành phần, hẹn trả kết quả đúng hạn",
        "stepCode": "200",
        "stepName": "Thẩm định hồ sơ",
        "lastActionName": "Chuyển xử lý",
        "lastActionUser": f"Cán bộ {number % 40}",
        "durationCount": 15,
        "durationUnit": 0,
        "lockState": "",
        "metaData": {
            "token": f"{number:032x}",
            "kind": "a",
            "dated": received.strftime(_FORM),
            "sheet": number % 9,
            "ward": "01234",
            "note": "không",
        },
    }


@lru_cache(maxsize=1_000)
def _page(start: int, size: int, total: int) -> bytes:
    records = [record(start + number) for number in range(size)]
    return json.dumps({"total": total, "data": records}, ensure_ascii=False, separators=(",", ":")).encode()


def body(start: int, end: int, total: int) -> bytes:
    """Return the dossiers `start` to `end` (not included) of `total`."""
    return _page(start, max(0, min(end, total) - start), total)


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = (
        True  # else a short answer's body waits 40 ms for the client to confirm its head
    )
    wbufsize = -1
    total = PAGE

    def do_GET(self) -> None:
        query: Mapping[str, list[str]] = parse_qs(urlsplit(self.path).query)
        start = int(query["start"][0])
        answer = body(start, int(query.get("end", [str(start + PAGE)])[0]), self.total)
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def main() -> None:
    """Serve until killed."""
    _Handler.total = int(sys.argv[1])
    for start in range(0, _Handler.total, PAGE):
        _page(start, min(PAGE, _Handler.total - start), _Handler.total)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    print(server.server_port, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
