"""What is measured. Each measure runs its subject and its baseline in turn, each in a process of its own."""

import json
import os
import shutil
import statistics
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any, Literal

import duckdb
import orjson

import sandbox
from sandbox import raw_archive
from sandbox.raw_archive import Shape
from tools.benchmarks.process import Run, median, run

# Sizes of the growth, in filings; the other factors are varied at the second of them.
GROWTH = (20_000, 60_000, 162_000, 500_000)
NEW_RECORDS = 500
# The size that a daily run on a larger archive is compared with.
REFERENCE_FILINGS = 162_000
ARTICLE_VARIABLES = {"role_map_version": 1}


@dataclass
class Measurement:
    """A subject's figure beside a baseline's: medians over the runs, and what the target says of them.

    ``runs`` and ``baseline_runs`` are the single figures; those of one place were taken beside each other, so ratios are theirs.
    ``limit`` is the most that ``ratio`` (or the figure, without a baseline) may be; ``at_least`` turns it around,
    for how many times faster the subject is.
    """

    measure: str
    subject: str
    size: dict[str, Any]
    unit: str
    figure: float
    baseline: str | None = None
    baseline_figure: float | None = None
    limit: float | None = None
    at_least: bool = False
    cpu_seconds: float | None = None
    baseline_cpu_seconds: float | None = None
    peak_mb: float | None = None
    baseline_peak_mb: float | None = None
    runs: list[float] = field(default_factory=list)
    baseline_runs: list[float] = field(default_factory=list)
    note: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def ratios(self) -> list[float]:
        """Of each run the subject's figure over the baseline's beside it, or the other way round where more is better."""
        if self.baseline_figure is None:
            return []
        runs = self.runs or [self.figure]
        baseline_runs = self.baseline_runs or [self.baseline_figure]
        pairs = zip(runs, baseline_runs, strict=True)
        return [theirs / ours if self.at_least else ours / theirs for ours, theirs in pairs]

    @property
    def ratio(self) -> float | None:
        """The median of the ratios."""
        return statistics.median(self.ratios) if self.ratios else None

    @property
    def is_reached(self) -> bool | None:
        """Whether the target is reached; None without one."""
        if self.limit is None:
            return None
        value = self.figure if self.ratio is None else self.ratio
        return value >= self.limit if self.at_least else value <= self.limit

    def as_json(self) -> dict[str, Any]:
        """All fields, the ratios and the verdict."""
        return asdict(self) | {
            "ratios": self.ratios,
            "ratio": self.ratio,
            "is_reached": self.is_reached,
        }


@dataclass(frozen=True)
class Options:
    """Where the files go, the size, how often each process runs, and on how many days the article's script runs."""

    scratch: Path
    filings: int
    lines: int | None
    runs: int
    article_days: int
    growth: tuple[int, ...] = GROWTH
    memory_limit: str | None = None
    archive: Path | None = None

    def shape(self, **changes: Any) -> Shape:
        """The archive of this size."""
        return Shape.of_size(**{"filings": self.filings, "lines": self.lines} | changes)

    def environment(self, name: str) -> dict[str, str]:
        """The environment of the processes that share the files ``name``."""
        folder = self.scratch / name
        folder.mkdir(parents=True, exist_ok=True)
        environment = {
            # Not the archive of whoever measures.
            "INSIDER_ARCHIVE_URL": "",
            "INSIDER_FILINGS_DB": str(folder / "insider_filings.duckdb"),
            "INSIDER_MARTS_DB": str(folder / "insider_marts.duckdb"),
            "INSIDER_EXPORTS": str(folder / "exports"),
            "DLT_DATA_DIR": str(folder / "dlt_data"),
            "DBT_TARGET_PATH": str(folder / "target"),
            "DBT_LOG_PATH": str(folder / "logs"),
            "SOURCES__FILINGS_API__API_KEY": "",
        }
        return environment | ({"INSIDER_MEMORY_LIMIT": self.memory_limit} if self.memory_limit else {})

    def database(self, name: str, shape: Shape) -> Path:
        """The database of ``name`` with an archive of this shape, made anew, or copied from the one that is given."""
        path = Path(self.environment(name)["INSIDER_FILINGS_DB"])
        path.unlink(missing_ok=True)
        if self.archive:
            shutil.copyfile(self.archive, path)
        else:
            raw_archive.write(path, shape)
        return path


def size_of(shape: Shape) -> dict[str, Any]:
    """A shape as the results state it."""
    return {
        "filings": shape.filings,
        "lines": shape.lines,
        "issuers": shape.issuers,
        "days": (shape.end - shape.start).days + 1,
    }


def compared(ours: list[Run], baseline: list[Run]) -> dict[str, Any]:
    """Every run of both, their CPU and memory."""
    return {
        "runs": [run_.seconds for run_ in ours],
        "baseline_runs": [run_.seconds for run_ in baseline],
        "cpu_seconds": median(ours, "cpu_seconds"),
        "baseline_cpu_seconds": median(baseline, "cpu_seconds"),
        "peak_mb": median(ours, "peak_mb"),
        "baseline_peak_mb": median(baseline, "peak_mb"),
    }


# ---------------------------------------------------------------- cold load


def cold_load(options: Options) -> Iterator[Measurement]:
    """The loader against a bare loop over the same server: a feed that serves each record once, and one that repeats some."""
    for scenario, subject, limit in (
        ("clean", "python -m loader filings_api", 1.5),
        (
            "realistic",
            "python -m loader filings_api, where most months repeat a record and so are walked twice",
            None,
        ),
    ):
        ours, baseline, server, records = _loads(options, scenario)
        yield Measurement(
            "cold load",
            subject,
            {"filings": options.filings, "records": records},
            "seconds",
            median(ours),
            "bare loop",
            median(baseline),
            limit=limit,
            **compared(ours, baseline),
            note=f"the server takes {server:.1f} s of CPU meanwhile",
        )


def _loads(
    options: Options, scenario: Literal["clean", "realistic"]
) -> tuple[list[Run], list[Run], float, int]:
    """Runs of the loader and of the bare loop, the server's seconds of CPU in a load, and the records loaded."""
    shape = options.shape()
    days = (shape.start.isoformat(), shape.end.isoformat())
    environment = options.environment("load")
    loaded, bare = Path(environment["INSIDER_FILINGS_DB"]), options.scratch / "bare.duckdb"
    ours, baseline, server = [], [], []
    with sandbox.serve(
        scenario=scenario,
        filings=options.filings,
        start_date=shape.start,
        end_date=shape.end,
    ) as api:
        command = ("loader", "filings_api", "--start-date", days[0], "--end-date", days[1])
        for _ in range(options.runs):
            loaded.unlink(missing_ok=True)
            bare.unlink(missing_ok=True)
            served = _cpu_of(api.process.pid)
            ours.append(run(*command, environment=environment | {"SOURCES__FILINGS_API__BASE_URL": api.url}))
            server.append(_cpu_of(api.process.pid) - served)
            baseline.append(run("tools.benchmarks.bare_loop", api.url, str(bare), *days))
    with duckdb.connect(str(loaded), read_only=True) as connection:
        (records,) = connection.execute(
            "select sum(received_records) from raw_filings_api.windows"
        ).fetchone()
    return ours, baseline, statistics.median(server), int(records)


def _cpu_of(process_id: int) -> float:
    """Seconds of CPU that a running process has taken."""
    fields = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


# ---------------------------------------------------------------- scores


def scores(options: Options) -> Iterator[Measurement]:
    """The scores of every issuer and day against the article's script and hand-written SQL, on a clean archive.

    Raises:
        AssertionError: the three do not give the same scores.
    """
    shape = options.shape(scenario="clean")
    environment = options.environment("scores")
    database = options.database("scores", shape)
    variables = ["--vars", json.dumps(ARTICLE_VARIABLES)]
    models = ("tools.benchmarks.models", str(database))
    run(*models, "seed", environment=environment)
    ours, by_hand, article = [], {"lines": [], "buys": []}, []
    rankings = options.scratch / "article.parquet"
    for _ in range(options.runs):
        # One node at a time: then their seconds do not overlap.
        command = ("run", "--full-refresh", "--threads", "1", "--select", "+issuer_scores", *variables)
        ours.append(run(*models, *command, environment=environment))
        check_article = (
            "tools.benchmarks.article",
            str(database),
            str(rankings),
            str(shape.start),
            str(shape.end),
        )
        article.append(run(*check_article, str(options.article_days)))
        for source, runs in by_hand.items():
            runs.append(run("tools.benchmarks.handwritten", str(database), source))
            check_handwritten(database)
    check_article_rankings(database, rankings)

    size = size_of(shape)
    figures = [node_seconds(run_.details["nodes"]) for run_ in ours]
    day_by_day = [run_.details["day_by_day"] for run_ in article]
    # The script gets its records parsed and normalizes them on every day; the models read the payloads, once.
    for scope, what, limit in (
        ("all", "models, from payloads to issuer_scores", 20),
        ("parsed", "models, from parsed records to issuer_scores", None),
    ):
        seconds = [figure[scope] for figure in figures]
        yield Measurement(
            "scores",
            what,
            size,
            "seconds",
            statistics.median(seconds),
            "the article's script, run anew for every day",
            statistics.median(day_by_day),
            limit=limit,
            at_least=True,
            peak_mb=median(ours, "peak_mb"),
            runs=seconds,
            baseline_runs=day_by_day,
            note=f"{article[0].details['sampled_days']} of {article[0].details['days']} days run and scaled",
            details={
                "nodes": slowest(ours[0].details["nodes"]),
                "counted": sorted(figures[0]["names"][scope]),
            },
        )
    every_day = statistics.median(figure["parsed"] for figure in figures)
    yield Measurement(
        "scores",
        "models, from parsed records to issuer_scores",
        size,
        "seconds",
        every_day,
        "the article's script, all filings normalized once, then every day",
        median(article, "normalized_once"),
        at_least=True,
        note="the same sampled days, scaled",
    )
    yield Measurement(
        "scores",
        "models, from parsed records to issuer_scores: every day",
        size,
        "seconds",
        every_day,
        "the article's script for one day",
        median(article, "one_day"),
        note="on average over the sampled days, each with what was filed by then",
    )
    for source, what, limit in (
        ("buys", "models, from eligible buys (int_buys) to issuer_scores", 1.5),
        ("lines", "models, from normalized lines (int_transaction_versions) to issuer_scores", None),
    ):
        nodes = sorted(name for name in figures[0]["names"][source])
        yield Measurement(
            "scores",
            what,
            size,
            "seconds",
            statistics.median(figure[source] for figure in figures),
            f"hand-written SQL from the same {source}",
            median(by_hand[source], "statement"),
            limit=limit,
            runs=[figure[source] for figure in figures],
            baseline_runs=[run_.details["statement"] for run_ in by_hand[source]],
            baseline_peak_mb=median(by_hand[source], "peak_mb"),
            note=f"nodes: {', '.join(nodes)}",
        )


def node_seconds(nodes: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """Seconds of all nodes, and of those after the parsing, the lines and the buys; ``names`` says which these are."""
    names = {
        "buys": _downstream(nodes, "int_buys"),
        "lines": _downstream(nodes, "int_transaction_versions"),
        "parsed": set(nodes) - _parsing(nodes),
        "all": set(nodes),
    }
    figures = {scope: sum(nodes[name]["seconds"] for name in of_scope) for scope, of_scope in names.items()}
    short = {scope: [name.rpartition(".")[2] for name in of_scope] for scope, of_scope in names.items()}
    return figures | {"names": short}


def _downstream(nodes: dict[str, dict[str, Any]], name: str) -> set[str]:
    """The executed nodes that depend on the model ``name``."""
    found = {node for node in nodes if node.endswith(f".{name}")}
    start = set(found)
    while more := {node for node in nodes if node not in found and found & set(nodes[node]["upstream"])}:
        found |= more
    return found - start


def _parsing(nodes: dict[str, dict[str, Any]]) -> set[str]:
    """The executed nodes that read payloads into typed records, owners and lines, and those before them."""
    found = {
        node
        for node in nodes
        if node.startswith("model.") and node.endswith(("__records", "__owners", "__lines"))
    }
    while more := {name for node in found for name in nodes[node]["upstream"] if name in nodes} - found:
        found |= more
    return found


def slowest(nodes: dict[str, dict[str, Any]], count: int = 12) -> dict[str, float]:
    """The nodes that took longest, with their seconds."""
    ranked = sorted(nodes.items(), key=lambda item: -item[1]["seconds"])[:count]
    return {name.rpartition(".")[2]: round(node["seconds"], 2) for name, node in ranked}


def check_handwritten(database: Path) -> int:
    """Compare the hand-written scores with the mart's, row by row; how many there are.

    Raises:
        AssertionError: they differ.
    """
    columns = (
        "total_buy_value",
        "distinct_buyers",
        "senior_buyer_flag",
        "last_buy_date",
        "days_since_last_buy",
    )
    columns += ("rank", "rank_in_market")
    same = " and ".join(f"ours.{column} is not distinct from theirs.{column}" for column in columns)
    with duckdb.connect(str(database), read_only=True) as connection:
        rows, differing = connection.execute(
            f"""
            select count(*), count(*) filter (not coalesce({same} and abs(ours.score - theirs.score) < 1e-9, false))
            from marts.issuer_scores as ours
            full join benchmark.scores as theirs using (source, issuer_id, signal_date)
            """
        ).fetchone()
    assert rows, "there are no scores to compare"
    assert not differing, f"{differing:,} of {rows:,} hand-written scores differ from the models'"
    return rows


def check_article_rankings(database: Path, rankings: Path) -> int:
    """Compare the article's rankings with the mart's on the same days; how many scores there are.

    Raises:
        AssertionError: they differ.
    """
    with duckdb.connect(str(database), read_only=True) as connection:
        rows, differing = connection.execute(
            """
            with theirs as (
                select *, cast(signal_date as date) as day from read_parquet($rankings)
            ),
            ours as (
                select * from marts.issuer_scores where signal_date in (select day from theirs)
            )
            select count(*), count(*) filter (not coalesce(
                abs(ours.score - theirs.score) < 1e-9
                and ours.distinct_buyers = theirs.distinct_buyers
                and ours.senior_buyer_flag = theirs.senior_buyer_flag
                and ours.days_since_last_buy = theirs.days_since_last_buy
                and abs(cast(ours.total_buy_value as double) - theirs.total_buy_value) < 1e-3,
                false
            ))
            from ours full join theirs on ours.signal_date = theirs.day and ours.issuer_id = theirs.issuer_id
            """,
            {"rankings": str(rankings)},
        ).fetchone()
    assert rows, "there are no scores to compare"
    assert not differing, f"{differing:,} of {rows:,} scores of the article's script differ from the models'"
    return rows


# ---------------------------------------------------------------- build


def whole_build(options: Options) -> Iterator[Measurement]:
    """``dbt build`` of everything with every test, from an archive alone."""
    shape = options.shape()
    environment = options.environment("build")
    database = options.database("build", shape)
    taken = run("tools.benchmarks.models", str(database), "build", environment=environment)
    limit = options.memory_limit
    yield Measurement(
        "whole build",
        "dbt build: seeds, models and every test" + (f", memory_limit {limit}" if limit else ""),
        size_of(shape),
        "seconds",
        taken.seconds,
        limit=900,
        cpu_seconds=taken.cpu_seconds,
        peak_mb=taken.peak_mb,
        note="one run",
        details={
            "by_type": by_type(taken.details["nodes"]),
            "nodes": slowest(taken.details["nodes"]),
            "database_mb": database.stat().st_size / 2**20,
        },
    )


def by_type(nodes: dict[str, dict[str, Any]]) -> dict[str, float]:
    """Seconds of the nodes of each resource type."""
    figures: dict[str, float] = {}
    for node in nodes.values():
        figures[node["resource_type"]] = figures.get(node["resource_type"], 0.0) + node["seconds"]
    return {name: round(seconds, 2) for name, seconds in figures.items()}


# ---------------------------------------------------------------- daily run


def daily(options: Options) -> Iterator[Measurement]:
    """``python -m runner signal`` the day after, against the same at the reference size where this one is larger."""
    reference = replace(options, filings=min(options.filings, REFERENCE_FILINGS), lines=None)
    small = _daily_runs(reference, "daily reference")
    yield _daily_measurement(reference, small)
    if options.filings <= REFERENCE_FILINGS:
        return
    large = _daily_runs(options, "daily")
    yield _daily_measurement(options, large)
    yield Measurement(
        "daily run",
        "load and models",
        size_of(options.shape()),
        "seconds",
        median(large, "load_and_models"),
        f"at {reference.filings:,} filings",
        median(small, "load_and_models"),
        limit=2,
    )


def _daily_measurement(options: Options, runs: list[Run]) -> Measurement:
    middle = sorted(runs, key=lambda run_: run_.cpu_seconds)[len(runs) // 2]
    return Measurement(
        "daily run",
        f"python -m runner signal: {NEW_RECORDS} new records, 7 days walked again",
        size_of(options.shape()),
        "seconds of CPU",
        median(runs, "cpu_seconds"),
        limit=20,
        cpu_seconds=median(runs, "cpu_seconds"),
        peak_mb=median(runs, "peak_mb"),
        runs=[run_.cpu_seconds for run_ in runs],
        details=middle.details | {"seconds": median(runs)},
    )


def _daily_runs(options: Options, name: str) -> list[Run]:
    """One run a day for some days after the archive's last, the first of which is not counted."""
    shape = options.shape()
    environment = options.environment(name)
    database = options.database(name, shape)
    run(
        "tools.benchmarks.models",
        str(database),
        "build",
        "--exclude-resource-type",
        "unit_test",
        environment=environment,
    )
    days = [day for day in _days_after(shape.end) if day.weekday() < 5][: options.runs + 1]
    runs = []
    with sandbox.serve(records=records_around(database, shape, days)) as api:
        for day in days:
            now = datetime.combine(day + timedelta(days=1), time(13), UTC).isoformat()
            of_day = {"SOURCES__FILINGS_API__BASE_URL": api.url, "INSIDER_FILINGS_NOW": now}
            taken = run("tools.benchmarks.daily", environment=environment | of_day)
            nodes = taken.details.pop("nodes")
            taken.details["nodes"] = by_type(nodes)
            taken.details["slowest"] = slowest(nodes)
            taken.details["load_and_models"] = taken.details["parts"]["load"]["seconds"] + taken.details[
                "nodes"
            ].get("model", 0.0)
            runs.append(taken)
    return runs[1:]


def _days_after(end: date) -> Iterable[date]:
    return (end + timedelta(days=number) for number in range(1, 60))


def records_around(database: Path, shape: Shape, days: list[date]) -> list[dict[str, Any]]:
    """What a feed serves on these days: the archive's last records as they stand, and new ones of each day."""
    with duckdb.connect(str(database), read_only=True) as connection:
        payloads = connection.execute(
            """
            select arg_max(payload, observed_at) from raw_filings_api.observations
            where window_end >= $day and (payload ->> 'filing_date') >= cast($day as varchar)
            group by record_id
            """,
            {"day": shape.end - timedelta(days=14)},
        ).fetchall()
    filed = shape.filed_on(days, NEW_RECORDS)
    return [orjson.loads(payload) for payload in [*(text for (text,) in payloads), *filed]]


# ---------------------------------------------------------------- growth


def growth(options: Options) -> Iterator[Measurement]:
    """All models, one at a time and without tests, while one factor grows and the others stay."""
    base = options.growth[1]
    issuers = max(20, base // 18)
    end = raw_archive.END
    factors = {
        "filings": [{"filings": filings, "issuers": issuers} for filings in options.growth],
        "lines": [
            {"filings": base, "lines": round(base * lines), "issuers": issuers}
            for lines in (1.0, 1.6, 2.5, 3.5)
        ],
        "days": [
            {"filings": base, "issuers": issuers, "start": end - timedelta(days=round(365.25 * years))}
            for years in (1.25, 2.5, 5, 10)
        ],
        "issuers": [{"filings": base, "issuers": round(issuers * factor)} for factor in (0.25, 1, 3, 9)],
    }
    start = end - timedelta(days=456)
    environment = options.environment("growth")
    database, seeded = Path(environment["INSIDER_FILINGS_DB"]), options.scratch / "seeded.duckdb"
    run("tools.benchmarks.models", str(database), "seed", environment=environment)
    shutil.copyfile(database, seeded)
    for factor, sizes in factors.items():
        for size in sizes:
            shape = Shape.of_size(**{"start": start, "end": end} | size)
            shutil.copyfile(seeded, database)
            raw_archive.write(database, shape)
            taken = run(
                "tools.benchmarks.models", str(database), "run", "--threads", "1", environment=environment
            )
            yield Measurement(
                "growth",
                factor,
                size_of(shape),
                "seconds",
                by_type(taken.details["nodes"])["model"],
                cpu_seconds=taken.cpu_seconds,
                peak_mb=taken.peak_mb,
                note="one run",
                details={"nodes": slowest(taken.details["nodes"], 5)},
            )


MEASURES: dict[str, Callable[[Options], Iterator[Measurement]]] = {
    "load": cold_load,
    "scores": scores,
    "daily": daily,
    "build": whole_build,
    "growth": growth,
}
