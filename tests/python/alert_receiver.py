"""A receiver of webhooks as a process of its own: verifies signatures, keeps what it got in a file, and fails as it is told.

``python alert_receiver.py PORT RECEIVED MODE``: RECEIVED gets a line of JSON for each request. MODE: ``ok``, a status such as ``500``,
``hang``, ``drip`` (headers without an end), ``endless`` (a body without an end), ``redirect``, ``garbage`` (no HTTP), ``first-500``
(the first request of each id fails), ``poison:TEXT`` (400 for a body with that text).
"""

from __future__ import annotations

import json
import sys
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

from standardwebhooks import Webhook, WebhookVerificationError

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSwAAAA"


class Receiver(BaseHTTPRequestHandler):
    seen: ClassVar[set[str]] = set()
    received: Path
    mode: str

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["content-length"])).decode()
        try:
            Webhook(SECRET).verify(body, dict(self.headers))
            is_valid = True
        except WebhookVerificationError:
            is_valid = False
        message_id = self.headers["webhook-id"]
        is_first = message_id not in self.seen
        self.seen.add(message_id)
        status = self.status(body, is_first) if is_valid else 401
        line = {"id": message_id, "valid": is_valid, "status": status, "path": self.path}
        with self.received.open("a") as file:
            file.write(json.dumps(line | {"body": json.loads(body)}) + "\n")
        if not status:
            # Whoever waits for it has gone by then.
            with suppress(OSError):
                self.misbehave()
            return
        self.send_response(status)
        if self.mode == "redirect":
            self.send_header("Location", f"http://127.0.0.1:{self.server.server_port}/elsewhere")
        self.send_header("Content-Length", "0")
        self.end_headers()

    def status(self, body: str, is_first: bool) -> int:
        """The status of the answer; 0 where it is none."""
        name, _, text = self.mode.partition(":")
        if name in ("hang", "drip", "endless", "garbage"):
            return 0
        if name == "redirect":
            return 307
        if name == "first-500":
            return 500 if is_first else 204
        if name == "poison":
            return 400 if text in body else 200
        return int(name) if name.isdigit() else 200

    def misbehave(self) -> None:
        """Answer so that a careless client waits for ever."""
        if self.mode == "hang":
            time.sleep(600)
        elif self.mode == "garbage":
            self.wfile.write(b"\x00\xff\x1b[31m")
            return
        self.wfile.write(b"HTTP/1.1 200 OK\r\n")
        if self.mode == "endless":
            self.wfile.write(b"Transfer-Encoding: chunked\r\n\r\n")
        while True:
            self.wfile.write(b"X: y\r\n" if self.mode == "drip" else b"400\r\n" + b"x" * 1024 + b"\r\n")
            time.sleep(0.2 if self.mode == "drip" else 0)

    def log_message(self, *_: object) -> None:
        pass


if __name__ == "__main__":
    port, Receiver.received, Receiver.mode = int(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    server = ThreadingHTTPServer(("127.0.0.1", port), Receiver)
    server.daemon_threads = True
    print(server.server_port, flush=True)
    server.serve_forever()
