"""A real HTTP server that serves submissions as EDGAR does, with faults placed exactly.

Run as a program it serves a tar file of submissions, and prints its address:
`python edgar_server.py filings.tar.gz`.
"""

import json
import re
import sys
import tarfile
import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Iterable
from pathlib import Path, PurePosixPath
from typing import Any, NamedTuple

from sandbox.server import LocalServer, Request

MISSING = b"""<?xml version="1.0" encoding="UTF-8"?>
<Error><Code>%s</Code><Message>Access Denied</Message><RequestId>0</RequestId></Error>"""
THROTTLED = (
    b"<!DOCTYPE html><html><head><title>SEC.gov | Request Rate Threshold Exceeded</title></head>"
    b"<body><h1>Your Request Originates from an Undeclared Automated Tool</h1></body></html>"
)
WEB_PAGE = b"<!DOCTYPE html>\n<html><body>Under maintenance</body></html>"
ARCHIVES = "/Archives/edgar/"
_HEADING = (
    "Description:           {} Index of EDGAR Dissemination Feed\n"
    "Last Data Received:    June 30, 2023\nComments:              webmaster@sec.gov\n"
    "Anonymous FTP:         ftp://ftp.sec.gov/edgar/\n \n \n \n"
    "CIK|Company Name|Form Type|Date Filed|{}\n" + "-" * 80 + "\n"
)


class IndexLine(NamedTuple):
    """A line of a master index; `date_filed` as 20230403."""

    cik: str
    company_name: str
    form_type: str
    date_filed: str
    path: str


def index_lines(submissions: dict[str, bytes]) -> list[IndexLine]:
    """What EDGAR's indexes say of submissions: a line for each CIK on one, from its header."""
    lines = []
    for accession_number, content in submissions.items():
        header = content.partition(b"</SEC-HEADER>")[0].decode("latin-1")
        form_type = re.search(r"^CONFORMED SUBMISSION TYPE:\s*(\S+)", header, re.MULTILINE)[1]
        filed = re.search(r"^FILED AS OF DATE:\s*(\d+)", header, re.MULTILINE)[1]
        names = re.findall(r"COMPANY CONFORMED NAME:\s*(.*?)\s*\n\s*CENTRAL INDEX KEY:\s*(\d+)", header)
        for name, cik in dict.fromkeys(names):
            path = f"edgar/data/{int(cik)}/{accession_number}.txt"
            lines.append(IndexLine(str(int(cik)), name, form_type, filed, path))
    return lines


def read_index(file: Path) -> list[IndexLine]:
    """The lines of a quarterly master index."""
    lines = file.read_text(encoding="latin-1").splitlines()
    fields = [line.split("|") for line in lines if line.endswith(".txt")]
    return [
        IndexLine(cik, name, form, filed.replace("-", ""), path) for cik, name, form, filed, path in fields
    ]


def read_submissions(file: Path) -> dict[str, bytes]:
    """The submissions of a tar file, by accession number."""
    with tarfile.open(file) as archive:
        return {
            PurePosixPath(member.name).stem: archive.extractfile(member).read()
            for member in archive
            if member.isfile()
        }


class EdgarServer(LocalServer):
    """Serves submissions and their indexes; what a test changes:

    Attributes:
        submissions: by accession number; served under any CIK that the index has for them.
        lines: of the indexes; a day without lines has no index.
        files: other files, by path.
        missing: status of what is not there, with an XML body: 403 or 404.
        requests_in_a_second: above it, 403 and the rate limit page; None: no limit.
        fault: what happens to a request, by its number from 1 and its path: None, `"reset"`, `"cut"`, `"hang"`,
            a body, or `(status, body)`.
        requests: what was asked: `(time, path, headers)`.
    """

    def __init__(self, submissions: dict[str, bytes], lines: Iterable[IndexLine] | None = None) -> None:
        self.submissions = submissions
        self.lines = index_lines(submissions) if lines is None else list(lines)
        self.files: dict[str, bytes] = {}
        self.missing = 404
        self.requests_in_a_second: int | None = None
        self.fault: Callable[[int, str], Any] = lambda number, path: None
        self.requests: list[tuple[float, str, dict[str, str]]] = []
        self._recent: deque[float] = deque()
        self._lock = threading.Lock()
        self._indexes: dict[str, bytes] = {}
        self._indexed_lines: list[IndexLine] = []

    def paths(self, part: str = "") -> list[str]:
        """The paths asked for that have `part`."""
        return [path for _, path, _ in self.requests if part in path]

    def reply(self, path: str) -> tuple[int, bytes]:
        """Status and body for a path."""
        name = path.removeprefix(ARCHIVES)
        found = self.files.get(path)
        if found is None and name.startswith("data/"):
            accession_number = PurePosixPath(name).stem
            if any(line.path == f"edgar/{name}" for line in self._lines_of().get(accession_number, ())):
                found = self.submissions.get(accession_number)
        elif found is None:
            found = self._index_files().get(name)
        return (200, found) if found is not None else (self.missing, MISSING % self._code())

    def _code(self) -> bytes:
        return b"AccessDenied" if self.missing == 403 else b"NoSuchKey"

    def _index_files(self) -> dict[str, bytes]:
        self._refresh()
        return self._indexes

    def _lines_of(self) -> dict[str, list[IndexLine]]:
        self._refresh()
        return self._by_accession_number

    def _refresh(self) -> None:
        with self._lock:
            if self._indexed_lines == self.lines and self._indexes:
                return
            days, quarters, by_accession_number = defaultdict(list), defaultdict(list), defaultdict(list)
            for line in self.lines:
                day = line.date_filed
                days[day].append("|".join(line))
                filed = f"{day[:4]}-{day[4:6]}-{day[6:]}"
                quarters[_quarter(day)].append("|".join(line._replace(date_filed=filed)))
                by_accession_number[PurePosixPath(line.path).stem].append(line)
            files = {}
            for day, lines in days.items():
                text = _HEADING.format("Daily", "File Name") + "\n".join(lines) + "\n"
                files[f"daily-index/{_quarter(day)}/master.{day}.idx"] = text.encode("latin-1")
            for quarter, lines in quarters.items():
                text = _HEADING.format("Master", "Filename") + "\n".join(lines) + "\n"
                files[f"full-index/{quarter}/master.idx"] = text.encode("latin-1")
                names = [
                    f"{kind}.{day}.idx"
                    for day in days
                    if _quarter(day) == quarter
                    for kind in ("form", "master")
                ]
                items = [
                    {"name": name, "type": "file", "href": name, "size": "1 KB"} for name in sorted(names)
                ]
                directory = {"item": items, "name": f"daily-index/{quarter}/", "parent-dir": "../"}
                files[f"daily-index/{quarter}/index.json"] = json.dumps({"directory": directory}).encode()
            self._indexes, self._by_accession_number = files, by_accession_number
            self._indexed_lines = list(self.lines)

    def is_too_fast(self, now: float) -> bool:
        """Whether a request makes more in a second than are granted."""
        with self._lock:
            self._recent.append(now)
            while self._recent[0] <= now - 1:
                self._recent.popleft()
            return self.requests_in_a_second is not None and len(self._recent) > self.requests_in_a_second

    def respond(self, request: Request) -> None:
        now = time.monotonic()
        self.requests.append((now, request.path, dict(request.headers)))
        fault = self.fault(len(self.requests), request.path)
        if fault == "reset":
            request.reset()
            return
        if fault == "hang":
            time.sleep(1.5)
        status, body = self.reply(request.path)
        if isinstance(fault, bytes):
            status, body = 200, fault
        elif isinstance(fault, tuple):
            status, body = fault
        elif self.is_too_fast(now):
            status, body = 403, THROTTLED
        request.send(status, body, {}, is_cut=fault == "cut")


def _quarter(day: str) -> str:
    return f"{day[:4]}/QTR{(int(day[4:6]) + 2) // 3}"


if __name__ == "__main__":
    tar_file = Path(sys.argv[1])
    index_files = sorted(tar_file.parent.glob("master_*.idx"))
    all_lines = [line for file in index_files for line in read_index(file)]
    with EdgarServer(read_submissions(tar_file), all_lines or None).serve() as running:
        print(running.url, flush=True)
        sys.stdin.read()
