"""``python -m runner signal``: load from the configured sources, build with tests, publish, export, print."""

import argparse
import json
import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from contextlib import suppress
from datetime import date
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from rich.console import Console

import alerts
import loader
from loader import clock, progress
from loader.archive.archive import ArchivedDays
from loader.config import refuse_other_encodings
from loader.errors import DISK_ERRORS, with_advice
from loader.redaction import redact
from loader.run_log import COUNTS, RunLog
from runner import workbook
from runner.alerting import deliver_alerts, tell_of_a_stop
from runner.build import build, dbt
from runner.export import export
from runner.publish import publish
from runner.report import print_places, print_ranking, print_warnings
from runner.settings import PROJECT, Files, RunError, resolve_archive
from runner.status import print_status, status


class LoadsStoppedError(loader.LoadError):
    """Some sources could not be loaded; the message names each and says why."""

    def __init__(self, reasons: dict[str, str]) -> None:
        """``reasons`` are why, by the names of the sources."""
        super().__init__("; ".join(f"{source}: {reason}" for source, reason in reasons.items()))
        self.reasons = reasons


def load(files: Files, sources: Sequence[str], log: RunLog | None = None) -> None:
    """Loads the sources into the working database. One that stops leaves what the others load.

    Raises:
        LoadsStoppedError: some of them stopped.
    """
    log = log or RunLog(files.logs, "load")
    files.working.parent.mkdir(parents=True, exist_ok=True)
    os.environ["INSIDER_FILINGS_DB"] = str(files.working)
    resolve_archive()
    stopped: dict[str, str] = {}
    for source in sources:
        try:
            with log.step("load", source=source) as line:
                summary = loader.load(source)
                line["counts"] = {name: getattr(summary, name) for name in COUNTS}
        except loader.LoadError as error:
            stopped[source] = str(error)
            continue
        if not progress.is_quiet():
            print(summary, flush=True)
    if stopped:
        raise LoadsStoppedError(stopped)


def warehouse() -> Path:
    """An empty folder for Spark's tables, in the one that INSIDER_SPARK_WAREHOUSE names; what a run before left there is removed.

    It and the archive must be places that all machines of the cluster and this one see.

    Raises:
        RunError: something that Spark needs is missing: said before hours of loading.
    """
    if not os.environ.get("INSIDER_ARCHIVE_URL"):
        raise RunError("Spark reads the archive from a folder: name one in INSIDER_ARCHIVE_URL")
    if not find_spec("dbt.adapters.spark"):
        raise RunError(
            "the extra `spark` is not installed: python -m pip install --no-deps --require-hashes -r requirements-spark.lock"
        )
    java = Path(os.environ["JAVA_HOME"], "bin", "java") if os.environ.get("JAVA_HOME") else "java"
    if not shutil.which(java):
        raise RunError(
            f"Spark needs Java 17, and {java} is not there: install it, or let JAVA_HOME name its folder"
        )
    # A table that a killed run left half written would stop every later one.
    place = Path(os.environ.get("INSIDER_SPARK_WAREHOUSE") or PROJECT / "spark-warehouse").resolve() / "build"
    if place.is_dir():
        shutil.rmtree(place)
    place.mkdir(parents=True)
    os.environ["INSIDER_SPARK_WAREHOUSE"] = str(place)
    return place


def day_of_marts(as_of: date | None, days: ArchivedDays | None) -> date | None:
    """The day that the marts describe; None for the last complete one, which the models find by themselves.

    A day that the archive does not reach is refused before anything is overwritten.

    Raises:
        RunError: ``as_of`` is not between the first and the last complete day that are archived.
    """
    if as_of is None:
        # The models have no clock: they cannot tell the days that are still to come.
        return days.last if days and days.ran_ahead else None
    if days is None:
        raise RunError(
            f"no complete day of filings is archived, so there is no ranking as of {as_of}: load filings first"
        )
    if not days.first <= as_of <= days.last:
        raise RunError(
            f"the archive has complete filings from {days.first} to {days.last}, and {as_of} is outside: "
            "choose a day in between, or load what is missing; nothing was overwritten"
        )
    return as_of


def deliver(
    files: Files,
    as_of_date: date | None = None,
    with_documentation: bool = False,
    full: bool = False,
    spark: Path | None = None,
    log: RunLog | None = None,
    receivers: alerts.Settings | None = None,
) -> None:
    """Builds, publishes, exports, delivers alerts to ``receivers``, and prints.

    What stops it before it publishes leaves the published database and the exports as they were. Exports and
    documentation come after: what stops it there leaves the new database published, and may leave older files.

    ``spark`` is the folder in which Spark makes its tables; without one DuckDB builds.
    """
    # Names come from feeds: no bracket or colon in them is markup.
    console = Console(
        width=None if sys.stdout.isatty() else 160, markup=False, emoji=False, quiet=progress.is_quiet()
    )
    variables: dict[str, Any] = {"as_of_date": as_of_date.isoformat()} if as_of_date else {}
    if spark:
        # It knows its archives only once they are declared, by their names.
        variables["feeds"] = loader.archived_feeds()
    log = log or RunLog(files.logs, "signal")
    console.print("Building and testing the marts; this takes a while.")
    target = "spark" if spark else "duckdb"
    with log.step("build") as line:
        built = build(files.working, variables, full, target)
        line["counts"] = {"nodes": built.nodes, "warnings": len(built.warnings)}
        line["warned"] = [redact(str(warned)) for warned in built.warnings]
    with log.step("publish") as line:
        row_counts = publish(spark or files.working, files.published, built.marts)
        line["counts"] = {"marts": len(row_counts), "rows": sum(row_counts.values())}
    with log.step("export"):
        export(files.published, files.exports, row_counts, variables, f"dbt-{target}")
        workbook.write(files.published, files.exports / workbook.NAME)
    places: dict[str, Path | str] = {
        "published database": files.published,
        "signal": files.exports / "daily_insider_signal.csv",
        "workbook": files.exports / workbook.NAME,
        "manifest": files.exports / "manifest.json",
    }
    if with_documentation:
        places["documentation"] = document(files)
    with log.step("page"):
        if address := draw(files):
            places["page"] = address
            places["why an issuer is there"] = explaining(files)
    print_ranking(files.published, console)
    print_warnings(built.warnings, console)
    if receivers:
        deliver_alerts(files, receivers, log)
    print_places(places, console)


def explaining(files: Files) -> str:
    """The command that explains a score of what is published."""
    usual = files.published == Files.in_folder(PROJECT, environment={}).published
    named = "" if usual else f"INSIDER_MARTS_DB={shlex.quote(str(files.published))} "
    return f"{named}make explain ISSUER=TICKER"


def draw(files: Files) -> str | None:
    """Writes the page of what is published, beside the exports; its address, or None where nothing is loaded."""
    # Its libraries take a second to import.
    from brief.page import write
    from brief.published import NothingLoadedError

    with suppress(NothingLoadedError):
        return write(files.published, files.exports / "brief.html").as_uri()


def document(files: Files) -> Path:
    """Writes the dbt documentation as one file, beside the exports; its path."""
    if not dbt(files.working, "--quiet", "docs", "generate", "--static").success:
        raise RunError("the documentation could not be written; see the messages above")
    page = PROJECT / (os.environ.get("DBT_TARGET_PATH") or "target") / "static_index.html"
    files.exports.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(page, files.exports / "documentation.html"))


def demo() -> None:
    """The whole path on the sandbox's synthetic filings, in files of its own: it never mixes them with yours."""
    # No run on real filings loads the sandbox.
    from runner.demo import served

    with served() as files:
        log = RunLog(files.logs, "demo")
        with log.run():
            load(files, ["ecb_rates", "filings_api", "prices"], log)
            receivers = alerts.Settings(file=str(files.exports / "alerts.jsonl"))
            deliver(files, with_documentation=True, log=log, receivers=receivers)


def signal(files: Files, as_of: date | None, full: bool, spark: Path | None, log: RunLog) -> None:
    """Loads, builds, publishes and delivers from the configured sources.

    With ``as_of`` the marts are of that past day, which is no news: no alert is delivered.
    """
    with log.run():
        receivers = alerts.read_settings()
        try:
            load(files, loader.wanted_sources(), log)
        except LoadsStoppedError as error:
            for source, reason in error.reasons.items():
                tell_of_a_stop(files, receivers, log, source, reason)
            raise
        day = day_of_marts(as_of, loader.archived_filing_days())
        deliver(files, day, full=full, spark=spark, log=log, receivers=None if as_of else receivers)


def show_status(files: Files, as_json: bool, check: bool) -> int:
    """Prints the status; with ``check`` the exit status is 3 where somebody should look."""
    found = status(files)
    if as_json:
        print(json.dumps(found, indent=2, default=str))
    else:
        print_status(found, Console(width=None if sys.stdout.isatty() else 160, markup=False, emoji=False))
    return 3 if check and found["attention"] else 0


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 done, 1 stopped with the reason on stderr, 3 somebody should look (status --check), 130 interrupted."""
    # Where the output cannot show a name, the rest is shown.
    sys.stdout.reconfigure(errors="backslashreplace")
    parser = argparse.ArgumentParser(prog="python -m runner", description=__doc__)
    parser.add_argument("command", choices=["signal", "demo", "docs", "status"])
    parser.add_argument(
        "--as-of", type=clock.day, default=os.environ.get("AS_OF") or None, metavar="YYYY-MM-DD"
    )
    parser.add_argument(
        "--full",
        action="store_true",
        help="run the unit tests of the models too: what a nightly run does",
    )
    parser.add_argument(
        "--target", choices=["duckdb", "spark"], default="duckdb", help="what signal builds with"
    )
    parser.add_argument("--quiet", action="store_true", help="say nothing but what stops the run")
    parser.add_argument("--json", action="store_true", help="status: as JSON")
    parser.add_argument("--check", action="store_true", help="status: exit with 3 where somebody should look")
    options = parser.parse_args(arguments)
    progress.show(quiet=options.quiet)
    try:
        refuse_other_encodings()
        if options.command == "demo":
            demo()
            return 0
        files = Files.in_folder(PROJECT)
        if options.command == "docs":
            print(document(files))
        elif options.command == "status":
            return show_status(files, options.json, options.check)
        else:
            spark = warehouse() if options.target == "spark" else None
            signal(files, options.as_of, options.full, spark, RunLog(files.logs, "signal"))
    except (RunError, loader.LoadError) as error:
        print(f"stopped: {redact(str(error))}", file=sys.stderr)
        return 1
    except DISK_ERRORS as error:
        print(f"stopped: {redact(with_advice(str(error), 'See to it and run again'))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(
            "interrupted: the windows loaded so far are archived, and the published database is whole",
            file=sys.stderr,
        )
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
