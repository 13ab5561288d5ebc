"""A small real HTTP server with a deterministic synthetic archive: for demo, tests and benchmark.

    python -m sandbox --scenario realistic --port 8000

    with sandbox.serve(scenario="clean", filings=200) as api:
        requests.get(f"{api.url}/filings", params={"from_date": "2025-01-01", "to_date": "2025-01-31"})

Replies are those of the generic feed: `{"results", "next_cursor"}`; with `page` in the request `{"results",
"page", "page_size", "total_pages", "total_count"}`; with `offset` `{"results", "offset", "page_size",
"total"}`. The parameter `pagination` asks by name for one of them, or for `next_url` or `none`. Records are
sorted by (filing date, id).
"""

import json
import os
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from sandbox.generator import Scenario, build
from sandbox.service import Pagination, parse_time

__all__ = ["Sandbox", "generate", "serve"]


def generate(
    scenario: Scenario = "realistic",
    filings: int | None = None,
    seed: int = 1,
    start_date: date = date(2025, 1, 1),
    end_date: date = date(2026, 3, 31),
    add_only: bool = False,
    now: str | None = None,
) -> list[Any]:
    """The records that a server with these arguments serves, sorted by (filing date, id).

    All are dicts in `clean`; in the other scenarios a few are not, as feeds have it.
    """
    return build(scenario, filings, seed, start_date, end_date, add_only).records(parse_time(now))


@dataclass(frozen=True)
class Sandbox:
    """A running server: its base URL and its process."""

    url: str
    process: subprocess.Popen

    def control(self, **settings: Any) -> dict[str, Any]:
        """Changes `now`, `faults` or records (`put`, `remove`; see `service.Control`); returns `stats`."""
        request = urllib.request.Request(f"{self.url}/_control", json.dumps(settings).encode(), method="POST")
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def stats(self) -> dict[str, Any]:
        """Requests, records, statuses and faults since the start; its time and records now."""
        with urllib.request.urlopen(f"{self.url}/_stats") as reply:
            return json.load(reply)


@contextmanager
def serve(
    *,
    port: int = 0,
    scenario: Scenario = "realistic",
    filings: int | None = None,
    seed: int = 1,
    start_date: date | str = "2025-01-01",
    end_date: date | str = "2026-03-31",
    add_only: bool = False,
    records: Path | Iterable[Any] | None = None,
    now: str | None = None,
    api_key: str | None = None,
    faults: str | list[dict[str, Any]] = "",
    pagination: Pagination = "cursor",
    with_total: bool = False,
    names: dict[str, str] | None = None,
) -> Iterator[Sandbox]:
    """Runs the server as a process of its own until the block ends; the arguments are as on the command line.

    `records` is a folder of JSON files or the records themselves. Raises RuntimeError when the server does
    not start.
    """
    with tempfile.TemporaryDirectory() as scratch:
        command = [
            sys.executable,
            "-m",
            "sandbox",
            f"--port={port}",
            f"--scenario={scenario}",
            f"--seed={seed}",
        ]
        command += [f"--start-date={start_date}", f"--end-date={end_date}", f"--pagination={pagination}"]
        command += ["--add-only"] * add_only + ["--with-total"] * with_total
        if filings is not None:
            command.append(f"--filings={filings}")
        if now is not None:
            command.append(f"--now={now}")
        if faults:
            command.append(f"--faults={faults if isinstance(faults, str) else json.dumps(faults)}")
        if names:
            command.append("--names=" + ",".join(f"{name}={other}" for name, other in names.items()))
        if isinstance(records, Path | str):
            command.append(f"--records={records}")
        elif records is not None:
            Path(scratch, "records.json").write_text(json.dumps(list(records)), encoding="utf-8")
            command.append(f"--records={scratch}")
        parent = str(Path(__file__).parents[1])
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(filter(None, (parent, os.environ.get("PYTHONPATH"))))
        }
        environment.pop("SANDBOX_API_KEY", None)
        if api_key is not None:
            environment["SANDBOX_API_KEY"] = api_key
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            try:
                url = process.stdout.readline().strip() if process.stdout else ""
                if not url:
                    raise RuntimeError(f"the sandbox did not start: exit code {process.wait(10)}")
                yield Sandbox(url, process)
            finally:
                process.terminate()
