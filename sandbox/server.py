"""The HTTP server: a thread for each connection, replies from a Service.

GET or POST (parameters as a JSON object) /filings, /issuers and /insiders ask for records and need the API
key when there is one: as bearer token, in the header X-API-Key, or as the parameter api_key. GET /_stats
tells what was served, POST /_control (see service.Control) changes what is served; both are for tests and
need no key.
"""

import hmac
import socket
import struct
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import msgspec

from sandbox.service import DIRECTORIES, Reply, Service, error

COLLECTIONS = ("filings", *DIRECTORIES)


class Server(ThreadingHTTPServer):
    """Serves on a loopback address only. `port` 0 takes a free one, told by `url`."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, service: Service, port: int = 0, api_key: str | None = None):
        super().__init__(("127.0.0.1", port), Handler)
        self.service, self.api_key = service, api_key

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Handler(BaseHTTPRequestHandler):
    """Answers the requests of one connection."""

    protocol_version = "HTTP/1.1"
    server_version = "sandbox"
    sys_version = ""
    disable_nagle_algorithm = True
    server: Server

    def do_GET(self) -> None:
        if self.path == "/_stats":
            self._send(self.server.service.stats())
        else:
            self._records({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        try:
            if self.path == "/_control":
                self._send(self.server.service.control(body))
            else:
                self._records(msgspec.json.decode(body, type=dict[str, Any]) if body else {})
        except ValueError as problem:
            self._send(error(400, str(problem)))

    def _records(self, parameters: dict[str, Any]) -> None:
        address = urlsplit(self.path)
        parameters = dict(parse_qsl(address.query)) | {
            name: value for name, value in parameters.items() if value is not None
        }
        collection = address.path.strip("/")
        if collection not in COLLECTIONS:
            self._send(error(404, "no such resource"))
        elif not self._is_authorized(parameters.pop("api_key", None)):
            self._send(self.server.service.refuse())
        else:
            self._send(self.server.service.answer(collection, parameters, self.server.url + address.path))

    def _is_authorized(self, parameter: str | None) -> bool:
        if self.server.api_key is None:
            return True
        bearer = self.headers.get("Authorization", "")
        expected = self.server.api_key.encode()
        given = (
            bearer.removeprefix("Bearer "),
            bearer.removeprefix("Token "),
            self.headers.get("X-API-Key"),
            parameter,
        )
        return any(hmac.compare_digest(str(key).encode(), expected) for key in given if key)

    def _send(self, reply: Reply) -> None:
        if reply.delay:
            time.sleep(reply.delay)
        if reply.ending == "reset":
            self._reset()
            return
        self.send_response(reply.status)
        self.send_header("Content-Type", reply.content_type)
        self.send_header("Content-Length", str(len(reply.body)))
        for name, value in reply.headers.items():
            self.send_header(name, value)
        self.end_headers()
        if reply.ending == "cut":
            self.wfile.write(reply.body[: len(reply.body) // 2])
            self.close_connection = True
        else:
            self.wfile.write(reply.body)

    def _reset(self) -> None:
        """Closes the connection so that the other side sees a reset, not an end."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        socket.close(self.connection.detach())

    def handle(self) -> None:
        try:
            super().handle()
        except (ConnectionError, TimeoutError):
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Nothing is logged: addresses may bear an API key."""
