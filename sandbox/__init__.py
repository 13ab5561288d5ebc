"""The only maker of synthetic filings and prices, for demo, tests and benchmarks; the same arguments make the same.

    python -m sandbox --scenario realistic --port 8000                # serves them as a feed
    python -m sandbox.prices --folder prices                          # writes prices of their issuers
    python -m sandbox.raw_archive archive.duckdb --lines 10000000     # writes them as the loader would have

    with sandbox.serve(scenario="clean", filings=200) as api:
        requests.get(f"{api.url}/filings", params={"from_date": "2025-01-01", "to_date": "2025-01-31"})

Replies are those of the generic feed: `{"results", "next_cursor", "total_count"}`; records are sorted by (filing date, id).
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
from sandbox.server import moment

__all__ = ["Sandbox", "generate", "serve"]


def generate(*arguments: Any, now: str | None = None, **others: Any) -> list[Any]:
    """The records that a server with the arguments of `generator.build` serves, sorted by (filing date, id).

    All are dicts in `clean`; in the other scenarios a few are not, as feeds have it.
    """
    return build(*arguments, **others).records(moment(now))


@dataclass(frozen=True)
class Sandbox:
    """A running server: its base URL and its process."""

    url: str
    process: subprocess.Popen

    def control(self, **settings: Any) -> dict[str, Any]:
        """Changes `now` or removes records (see `server.ArchiveFeed`); returns `stats`."""
        request = urllib.request.Request(f"{self.url}/_control", json.dumps(settings).encode(), method="POST")
        with urllib.request.urlopen(request) as reply:
            return json.load(reply)

    def stats(self) -> dict[str, Any]:
        """Requests and statuses since the start; the server's time, and its records now."""
        with urllib.request.urlopen(f"{self.url}/_stats") as reply:
            return json.load(reply)


@contextmanager
def serve(
    *,
    scenario: Scenario = "realistic",
    filings: int | None = None,
    seed: int = 1,
    start_date: date | str = "2025-01-01",
    end_date: date | str = "2026-03-31",
    records: Path | Iterable[Any] | None = None,
    now: str | None = None,
    api_key: str | None = None,
    port: int = 0,
) -> Iterator[Sandbox]:
    """Runs the server as a process of its own until the block ends; the arguments are as on the command line.

    `records` is a folder of JSON files or the records themselves. Raises RuntimeError when the server does
    not start.
    """
    with tempfile.TemporaryDirectory() as scratch:
        if records is not None and not isinstance(records, Path):
            Path(scratch, "records.json").write_text(json.dumps(list(records)), encoding="utf-8")
            records = Path(scratch)
        settings = {
            "scenario": scenario, "filings": filings, "seed": seed, "start-date": start_date, "end-date": end_date,
            "records": records, "now": now, "port": port,
        }  # fmt: skip
        given = [f"--{name}={value}" for name, value in settings.items() if value is not None]
        parent = str(Path(__file__).parents[1])
        environment = os.environ | {
            "PYTHONPATH": os.pathsep.join(filter(None, (parent, os.environ.get("PYTHONPATH"))))
        }
        environment.pop("SANDBOX_API_KEY", None)
        if api_key is not None:
            environment["SANDBOX_API_KEY"] = api_key
        command = [sys.executable, "-m", "sandbox", *given]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment) as process:
            try:
                url = process.stdout.readline().strip() if process.stdout else ""
                if not url:
                    raise RuntimeError(f"the sandbox did not start: exit code {process.wait(10)}")
                yield Sandbox(url, process)
            finally:
                process.terminate()
