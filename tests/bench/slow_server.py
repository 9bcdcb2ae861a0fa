"""A one-stop system that answers late: `python -m bench.slow_server` prints its port and serves until its input ends.

Every answer comes after 50 ms, of a site whose groupId begins with `slow` after 500 ms; one whose groupId begins with
`drip` sends a byte now and then and never ends.
"""

from __future__ import annotations

import json
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

DOSSIERS = 600  # of a site
LATENCY = 0.05


def _dossier(number: int) -> dict[str, object]:
    return {
        "dossierId": number,
        "dossierNo": f"000.00.{number:06d}",
        "serviceCode": f"1.00{number % 40:04d}",
        "serviceName": "Thủ tục " + "x" * 300,
        "domainCode": "G01",
        "online": number % 2 == 0,
        "dossierStatus": "done",
        "receiveDate": "10/11/2026 08:00:00",
        "dueDate": "13/11/2026 17:00:00",
        "finishDate": "12/11/2026 09:00:00",
        "releaseDate": "12/11/2026 10:00:00",
        "extendDate": "",
        "cancellingDate": "",
        "lockState": "",
    }


ROWS = [json.dumps(_dossier(number), ensure_ascii=False) for number in range(1, DOSSIERS + 1)]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1

    def do_GET(self) -> None:
        asked = {name: values[-1] for name, values in parse_qs(urlsplit(self.path).query).items()}
        site = self.headers.get("groupId", "")
        rows = ROWS if "fromReceiveDate" in asked else []
        page = ",".join(rows[int(asked["start"]) : int(asked["end"])])
        body = f'{{"total": {len(rows)}, "data": [{page}]}}'.encode()
        time.sleep(LATENCY * 10 if site.startswith("slow") else LATENCY)
        self.send_response(200)
        self.send_header("Content-Type", "application/json;charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if not site.startswith("drip"):
            self.wfile.write(body)
            return
        self.close_connection = True
        for position in range(len(body)):
            self.wfile.write(body[position : position + 1])
            self.wfile.flush()
            time.sleep(0.2)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class _Server(ThreadingHTTPServer):
    request_queue_size = 128
    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of clients that have left."""


if __name__ == "__main__":
    with _Server(("127.0.0.1", 0), _Handler) as server:
        print(server.server_address[1], flush=True)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        sys.stdin.read()
