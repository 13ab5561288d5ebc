"""The daily command as a new user meets it: real processes, a real feed, and files in a folder of their own."""

from __future__ import annotations

import csv
import gc
import io
import json
import os
import re
import shutil
import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from unittest.mock import patch
from urllib.parse import quote_plus

import duckdb
import openpyxl
import project
import pytest
from dbt.cli.main import dbtRunner, dbtRunnerResult
from loader_fixtures import without_progress
from tqdm import tqdm

import explain
import runner.__main__
import runner.demo
import sandbox
from event_study.tables import TABLES
from explain.__main__ import main as explain_command
from explain.report import CHANGES, VERDICTS
from explain.score import Buy, Weights, read_buys
from loader import progress
from loader.archive.load import Summary
from loader.redaction import visible
from runner import workbook
from runner.__main__ import main
from runner.build import Built, Warned, _Progress, build, dbt
from runner.export import export
from runner.publish import open_published, publish
from runner.settings import Files, RunError
from tools.questions import Question, questions

API_KEY = "s3cret key/+=&0451"
LAST_DAY = date(2026, 3, 31)
MCP_QUESTIONS = {"how_a_score_came_to_be", "ranking_of_a_past_day", "sources_behind"}
# Marts that tell what each load saw: one more load is one more thing to tell.
LOAD_LOG = {"load_completeness", "stale_observations"}


class Folder:
    """A place for everything that a run reads and writes, and the environment that says so."""

    def __init__(self, path: Path, **environment: str) -> None:
        self.path = path
        self.published, self.exports = path / "published.duckdb", path / "exports"
        self.environment = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("SOURCES__", "INSIDER_", "RUNTIME__", "ALERTS__")) and name != "AS_OF"
        } | {
            "INSIDER_FILINGS_DB": str(path / "filings.duckdb"),
            "INSIDER_MARTS_DB": str(self.published),
            "INSIDER_EXPORTS": str(self.exports),
            "INSIDER_LOGS": str(path / "logs"),
            "INSIDER_FILINGS_NOW": "2026-04-01T13:00:00Z",
            "DLT_DATA_DIR": str(path / "dlt_data"),
            "DBT_TARGET_PATH": str(path / "target"),
            "DBT_LOG_PATH": str(path / "logs"),
            **environment,
        }

    @classmethod
    def on(cls, feed: sandbox.Sandbox, path: Path, **environment: str) -> Folder:
        """A folder whose runs load this feed."""
        settings = {"BASE_URL": feed.url, "API_KEY": API_KEY, "START_DATE": "2026-01-01"}
        return cls(
            path,
            **{f"SOURCES__FILINGS_API__{name}": value for name, value in settings.items()},
            **environment,
        )

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess:
        """``python -m runner`` with these arguments, or ``signal``."""
        return subprocess.run(
            [sys.executable, "-m", "runner", *(arguments or ["signal"])],
            cwd=project.PROJECT,
            env=self.environment | environment,
            capture_output=True,
            text=True,
        )

    def copy(self, path: Path) -> Folder:
        """All of it somewhere else, with the same feed."""
        shutil.copytree(self.path, path)
        feed = {name: value for name, value in self.environment.items() if name.startswith("SOURCES__")}
        return Folder(path, **feed)

    def files(self) -> dict[str, bytes]:
        """What readers of the results read: the published database and the exports."""
        return {
            path.name: path.read_bytes()
            for path in [self.published, *self.exports.iterdir()]
            if path.is_file()
        }

    def marts(self, without_columns: str = "''") -> dict[str, Counter[tuple]]:
        """Every published mart with its rows."""
        columns = f"columns(name -> name not in ({without_columns}))"
        with duckdb.connect(str(self.published), read_only=True) as connection:
            names = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'")
            return {
                name: Counter(connection.execute(f"select {columns} from marts.{name}").fetchall())
                for (name,) in names.fetchall()
            }


@pytest.fixture(scope="module")
def feed() -> Iterator[sandbox.Sandbox]:
    with sandbox.serve(scenario="adversarial", start_date="2026-01-01", api_key=API_KEY) as api:
        yield api


@pytest.fixture(scope="module")
def first_run(feed, tmp_path_factory) -> tuple[Folder, subprocess.CompletedProcess]:
    """A new user's first run."""
    folder = Folder.on(feed, tmp_path_factory.mktemp("first") / "run")
    return folder, folder.run()


@pytest.fixture(scope="module")
def asked(first_run) -> list[Question]:
    """The questions of `analyses/`."""
    folder, _ = first_run
    return questions(folder.path / "filings.duckdb")


def test_a_first_run_publishes_exports_and_says_where(first_run) -> None:
    folder, done = first_run
    assert (done.returncode, without_progress(done.stderr)) == (0, "")
    assert f"Insider buying as of {LAST_DAY}" in done.stdout
    for path in (
        folder.published,
        *(folder.exports / name for name in ("daily_insider_signal.csv", "manifest.json", "brief.html")),
    ):
        assert str(path) in done.stdout
    assert "Warnings" in done.stdout
    with duckdb.connect(str(folder.published), read_only=True) as connection:
        [(without_currency,)] = connection.execute(
            "select count(*) from marts.insider_transactions"
            " where signal_exclusion_reason is null and not is_duplicate and currency is null"
        ).fetchall()
    assert without_currency > 0
    assert (
        f"  {without_currency:,} buys without a currency add no value to the score: marts.insider_transactions ("
        in done.stdout
    )
    tests = [file.stem for file in (project.PROJECT / "tests" / "world").glob("*.sql")]
    assert not [test for test in tests if test in done.stdout]

    marts = folder.marts()
    assert all(marts[name] for name in ("insider_transactions", "issuer_scores", "quarantined_records"))
    manifest = json.loads((folder.exports / "manifest.json").read_text())
    assert manifest["as_of_date"] == str(LAST_DAY)
    assert manifest["row_counts"] == {name: rows.total() for name, rows in marts.items()}
    assert manifest["completeness"]["filings_api"]["loaded_through"] == str(LAST_DAY)
    assert manifest["completeness"]["filings_api"]["unverified_windows"] == 0
    with (folder.exports / "daily_insider_signal.csv").open(newline="", encoding="utf-8") as file:
        exported = list(csv.DictReader(file))
    assert [row["rank"] for row in exported] == [str(rank) for rank in range(1, len(exported) + 1)]
    assert len(exported) == marts["daily_insider_signal"].total() > 5
    [(parquet_rows,)] = duckdb.sql(
        f"select count(*) from '{folder.exports / 'daily_insider_signal.parquet'}'"
    ).fetchall()
    assert parquet_rows == len(exported)


def test_every_published_column_says_what_it_is(first_run) -> None:
    folder, _ = first_run
    with duckdb.connect(str(folder.published), read_only=True) as connection:
        described = connection.execute(
            "select count(distinct table_name), count(*), count(comment) from duckdb_columns() where schema_name = 'marts'"
        ).fetchone()
        (without,) = connection.execute(
            "select count(*) from duckdb_tables() where schema_name = 'marts' and comment is null"
        ).fetchone()
    marts, columns, comments = described
    assert marts > 15
    assert (comments, without) == (columns, 0)


def moves_proved(
    answer: dict, weights: Weights, buys: dict[tuple[str, str], list[Buy]], day: date
) -> Counter[str]:
    """Each value that would cost or gain a place does so by the score's formula, and one unit less does not."""
    score = answer["score"]
    own = buys[answer["issuer"]["source"], answer["issuer"]["issuer_id"]]
    rivals = {
        side["rank"]: buys[side["source"], side["issuer_id"]]
        for side in (score["above"], score["below"])
        if side
    }

    def worth(some: list[Buy], value: float) -> float:
        """The score of these buys if they were worth so much together."""
        return weights.score(
            [replace(some[0], value_base=value), *(replace(buy, value_base=0.0) for buy in some[1:])], day
        )

    def bought(some: list[Buy]) -> float:
        return sum(buy.value_base for buy in some)

    def score_on(some: list[Buy], later: date) -> float | None:
        """The score that what stays in the window has on a later day."""
        left = [buy for buy in some if buy.transaction_date >= later - timedelta(days=weights.window_days)]
        return weights.score(left, later) if left else None

    found: Counter[str] = Counter()
    for row in answer["what_would_change_it"]:
        if row["score"] is not None:
            assert sum(row["terms"].values()) == pytest.approx(row["change"], abs=1e-9)
        if in_days := re.match(r"tomorrow|in ([0-9]+) days", row["what"]):
            later = day + timedelta(days=int(in_days[1] or 1))
            then = [score_on(theirs, later) for theirs in buys.values()]
            mine = score_on(own, later)
            assert row["score"] == (mine and pytest.approx(mine, abs=1e-9))
            if mine:
                assert row["rank"] == 1 + sum(other is not None and other > mine + 1e-9 for other in then)
            found["later"] += 1
        amounts = [int(text.replace(",", "")) for text in re.findall(r"([0-9,]+) EUR", row["what"])]
        if passes := re.search(r"\(rank ([0-9]+)\) reports a buy traded today: (.*)", row["what"]):
            assert (row["change"], row["rank"]) == (0, score["rank"] + 1)
            if theirs := rivals.get(int(passes[1])):
                for buyer, who in (
                    ("somebody new", "somebody new"),
                    (theirs[0].buyer, "somebody who bought it before"),
                ):
                    after = [*theirs, Buy("", buyer, None, False, day, 0.0)]
                    if amount := re.search(rf"([0-9,]+) EUR or more by {who}", passes[2]):
                        more = int(amount[1].replace(",", ""))
                        assert worth(after, bought(theirs) + more) > score["score"] - 1e-9
                        assert worth(after, bought(theirs) + more - 1) <= score["score"] + 1e-9
                        found[f"so much by {who}"] += 1
                    else:
                        assert f"any value by {who}" in passes[2] or "any value, by anybody" in passes[2]
                        assert worth(after, bought(theirs)) > score["score"] - 1e-9
                        found[f"any value by {who}"] += 1
        elif " less, the buyers the same" in row["what"]:
            assert worth(own, bought(own) - amounts[0]) < score["below"]["score"] + 1e-9
            assert worth(own, bought(own) - amounts[0] + 1) >= score["below"]["score"] - 1e-9
            assert row["rank"] > score["rank"]
            found["place lost"] += 1
        elif "it passes " in row["what"]:
            assert worth(own, bought(own) + amounts[0]) > score["above"]["score"] - 1e-9
            assert worth(own, bought(own) + amounts[0] - 1) <= score["above"]["score"] + 1e-9
            assert row["rank"] < score["rank"]
            found["place won"] += 1
        elif "now left out" in row["what"]:
            assert row["change"] > -1e-9 and row["rank"] <= score["rank"]
            found["left out"] += 1
    return found


def test_every_score_is_explained_from_the_published_file(first_run) -> None:
    folder, _ = first_run
    with open_published(folder.published) as connection:
        scores = connection.execute(
            "select source, issuer_id, signal_date, score, buy_lines from marts.issuer_scores"
            " order by hash(issuer_id || signal_date) limit 40"
        ).fetchall()
        verdicts: Counter[str] = Counter()
        proved: Counter[str] = Counter()
        for source, issuer_id, day, score, lines in scores:
            answer = explain.issuer(connection, issuer_id, day, source)
            assert answer["score"]["score"] == score
            assert sum(term["points"] for term in answer["score"]["terms"]) == pytest.approx(score, abs=1e-9)
            ranked = connection.execute(
                "select source, issuer_id from marts.issuer_scores where signal_date = ?", [day]
            )
            around = read_buys(connection, ranked.fetchall(), day)
            buys, weights = around[source, issuer_id], Weights.read(connection)
            assert weights.score(buys, day) == pytest.approx(score, abs=1e-9)
            assert [line["verdict"] for line in answer["lines"]].count("counts") == lines == len(buys)
            proved += moves_proved(answer, weights, around, day)
            for line in answer["lines"]:
                verdicts[line["verdict"]] += 1
                known = [
                    line["times"]["available_date"],
                    line["times"]["transaction_date"],
                    line["superseded_date"],
                ]
                assert all(moment <= day for moment in known if moment)
                assert line["filing"]["payload_has_the_hash"] in (True, None)
                assert line["filing"]["payload_has_the_hash"] or line["verdict"] != "counts"
                assert bool(line["superseded_by"]) == bool(line["superseded_date"])
                assert all(found["known_date"] <= day for found in line["superseded_by"] + line["supersedes"])
                if line["role"]["rule_id"]:
                    assert line["role"]["rule"]
    assert (
        min(
            proved[name]
            for name in (
                "any value by somebody new",
                "so much by somebody who bought it before",
                "place lost",
                "place won",
                "left out",
                "later",
            )
        )
        > 2
    )
    assert {"counts", "superseded"} <= set(verdicts) <= {"counts", *VERDICTS}
    assert verdicts["below_minimum_value or same_terms"] == 0


def test_explain_finds_issuers_by_what_people_type(first_run, capsys) -> None:
    folder, _ = first_run
    database = ["--database", str(folder.published)]
    with open_published(folder.published) as connection:
        source, issuer_id, name, ticker, day = connection.execute(
            "select source, issuer_id, issuer_name, ticker, as_of_date from marts.daily_insider_signal"
            " where issuer_name in (select issuer_name from marts.issuers group by 1 having count(*) = 1)"
            " and ticker in (select ticker from marts.issuers group by 1 having count(*) = 1) order by rank limit 1"
        ).fetchone()
        [(many,)] = connection.execute(
            "select issuer_name[1] from marts.issuers group by 1 order by count(*) desc limit 1"
        ).fetchall()
        for asked in (issuer_id, f"{source}:{issuer_id}", name.upper(), ticker.lower(), f"  {name}  "):
            assert explain.find(connection, asked).issuer_id == issuer_id
    assert explain_command([issuer_id, *database, "--json", "--as-of", str(day)]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["issuer"]["issuer_id"], told["day"]) == (issuer_id, str(day))
    assert explain_command([ticker, *database]) == 0
    text = capsys.readouterr().out
    for part in (
        name,
        f"{told['score']['score']:.4f}",
        told["lines"][0]["transaction_id"],
        CHANGES,
        "reports a buy traded today",
    ):
        assert part in text
    assert any(
        line["filing"]["content_hash"] and line["filing"]["content_hash"] in text for line in told["lines"]
    )
    for arguments, message in (
        ([many], "may be one of"),
        ([name[:-2] + "zz"], issuer_id),
        (["\x1b[31m no such name"], "no issuer is called"),
        ([ticker, "--as-of", "2026-04-01"], "no day after 2026-03-31"),
        ([ticker, "--database", "nowhere.duckdb"], "no published database"),
    ):
        assert explain_command([*arguments, *(database if "--database" not in arguments else [])]) == 1
        [line] = capsys.readouterr().err.splitlines()
        assert line.startswith("stopped: ") and message in line and "\x1b" not in line


def test_the_notebook_shows_the_published_ranking(first_run) -> None:
    folder, _ = first_run
    script = (
        "import runpy, sys; app = runpy.run_path(sys.argv[1])['app']; _, defined = app.run();"
        " print(len(defined['ranking']), defined['answer']['issuer']['issuer_id'], len(defined['lines']) > 0, len(defined['history']) > 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(project.PROJECT / "notebooks" / "insider_signal.py")],
        cwd=project.PROJECT,
        env=os.environ | {"INSIDER_MARTS_DB": str(folder.published)},
        capture_output=True,
        text=True,
    )
    [first] = project.rows(
        folder.published,
        "select count(*) over () as issuers, issuer_id from marts.daily_insider_signal order by rank limit 1",
    )
    assert done.stdout.split() == [str(first["issuers"]), first["issuer_id"], "True", "True"], done.stderr


def test_an_mcp_client_reads_the_marts_and_nothing_else(first_run, asked) -> None:
    python = os.environ.get("INSIDER_MCP_PYTHON")
    if not python:
        pytest.skip("mcp-server-motherduck is not installed: make test-mcp")
    folder, _ = first_run
    chosen = [question for question in asked if question.name in MCP_QUESTIONS]
    refused = [
        "from read_csv('/etc/passwd')",
        "create table marts.x as select 1",
        "set enable_external_access = true",
    ]
    done = subprocess.run(
        [python, str(project.PROJECT / "tools" / "mcp_session.py"), str(folder.published)],
        input=json.dumps([*(question.sql for question in chosen), *refused]),
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    tables = {table["name"]: table["comment"] for table in json.loads(told["tables"])["tables"]}
    assert tables.keys() >= {"about", "issuer_scores"} and all(tables.values())
    answers = [json.loads(answer) for answer in told["answers"][: len(chosen)]]
    with open_published(folder.published) as connection:
        for question, answer in zip(chosen, answers, strict=True):
            rows = connection.execute(question.sql).fetchall()
            assert answer["success"] and answer["rowCount"] == len(rows) > 0, question.name
    assert [json.loads(text[text.index("{") :])["success"] for text in told["answers"][len(chosen) :]] == [
        False
    ] * 3


def test_the_workbook_has_the_marts_with_numbers_as_numbers(first_run) -> None:
    folder, _ = first_run
    book = openpyxl.load_workbook(folder.exports / "insider_signal.xlsx")
    assert book.sheetnames == ["ranking", "changes", "evidence", "new filings", "plumbing"]
    with open_published(folder.published) as connection:
        for sheet in book:
            expected = connection.execute(workbook.SHEETS[sheet.title])
            names = [column[0] for column in expected.description]
            rows = expected.fetchall()
            assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", sheet.dimensions), sheet.title
            assert [[cell.value for cell in row] for row in sheet.iter_rows(min_row=1, max_row=1)] == [names]
            assert len(rows) == sheet.max_row - 1, sheet.title
            # On this day nothing moves.
            assert rows or sheet.title == "changes"
            for cells, row in zip(sheet.iter_rows(min_row=2), rows, strict=True):
                for cell, value in zip(cells, row, strict=True):
                    assert cell.data_type != "f"
                    if isinstance(value, date) and value.year <= 1900:
                        assert cell.value == str(value)
                    elif isinstance(value, date):
                        assert cell.is_date and cell.value.date() == (
                            value.date() if isinstance(value, datetime) else value
                        )
                    elif isinstance(value, bool | str) or value is None:
                        assert cell.value == (visible(value) if isinstance(value, str) else value)
                    else:
                        assert cell.data_type == "n" and cell.value == pytest.approx(float(value), rel=1e-14)


def test_a_name_that_looks_like_a_formula_is_text_in_the_workbook_and_equal_marts_make_equal_bytes(
    tmp_path, monkeypatch
) -> None:
    names = ["=1+1", "+1", "@a", "{=A1}", "http://example.com", "12", "a\x00b", "x" * 40_000, None]
    published = tmp_path / "published.duckdb"
    with duckdb.connect(str(published)) as connection:
        connection.execute(
            "create schema marts; create table marts.load_completeness as select date '2026-03-31' as as_of_date"
        )
        connection.execute("create table marts.names as select unnest($names) as name", {"names": names})
    monkeypatch.setattr(workbook, "SHEETS", {"names": "select name from marts.names"})
    for name in ("first.xlsx", "second.xlsx"):
        workbook.write(published, tmp_path / name)
    assert (tmp_path / "first.xlsx").read_bytes() == (tmp_path / "second.xlsx").read_bytes()
    book = openpyxl.load_workbook(tmp_path / "first.xlsx")
    cells = [cell for (cell,) in book["names"].iter_rows(min_row=2)]
    assert [cell.value for cell in cells] == [*names[:6], "a\ufffdb", "x" * 32_767]
    assert {cell.data_type for cell in cells} == {"s"} and not any(cell.hyperlink for cell in cells)


def test_the_published_file_says_how_to_read_it(first_run) -> None:
    folder, _ = first_run
    with open_published(folder.published) as connection:
        rules = connection.execute("select topic, example from marts.about order by position").fetchall()
        assert len(rules) >= 15
        assert [topic for topic, example in rules if connection.execute(example).fetchone() is None] in (
            [],
            ["the event study"],
        )
        macros = connection.execute(
            "select function_name, parameters, comment is not null from duckdb_functions()"
            " where schema_name = 'marts' and function_type = 'table_macro' order by 1"
        ).fetchall()
    assert macros == [("signal_as_of", ["d"], True), ("transactions_as_of", ["d"], True)]


def test_the_macros_show_what_was_known_on_their_day_and_no_later_one(first_run) -> None:
    folder, _ = first_run
    with open_published(folder.published) as connection:
        days = connection.execute(
            "select distinct signal_date from marts.issuer_scores order by 1"
        ).fetchall()
        for (day,) in days[:: len(days) // 5]:
            ranking = connection.execute(
                "select * from marts.issuer_scores where signal_date = $day order by rank", {"day": day}
            ).fetchall()
            shown = connection.execute("from marts.signal_as_of($day)", {"day": day}).fetchall()
            assert [row[: len(ranking[0])] for row in shown] == ranking
            [(lines, late, counted)] = connection.execute(
                "select count(*), count(*) filter (where available_date > as_of_date), count(*) filter (where is_in_score)"
                " from marts.transactions_as_of($day)",
                {"day": day},
            ).fetchall()
            (buys,) = connection.execute(
                "select sum(buy_lines) from marts.issuer_scores where signal_date = $day", {"day": day}
            ).fetchone()
            assert (lines > 0, late, counted) == (True, 0, buys)
        for macro in ("signal_as_of", "transactions_as_of"):
            with pytest.raises(duckdb.Error, match="the marts describe no day after 2026-03-31"):
                connection.execute(f"from marts.{macro}('2026-04-01')").fetchall()


def test_every_question_has_one_answer_and_is_in_the_documentation(first_run, asked, tmp_path) -> None:
    folder, _ = first_run
    assert len(asked) >= 20
    # Rows in another order, and the tables of `make study` without rows.
    shuffled = tmp_path / "shuffled.duckdb"
    with duckdb.connect(str(shuffled)) as connection:
        connection.execute(f"create schema marts; attach '{folder.published}' as published (read_only)")
        for name in folder.marts():
            connection.execute(
                f"create table marts.{name} as select * from published.marts.{name} order by hash({name})"
            )
        for name, columns in TABLES.items():
            connection.execute(f"create table marts.{name} ({', '.join(map(' '.join, columns.items()))})")
        again = {question.name: connection.execute(question.sql).fetchall() for question in asked}
        connection.execute("detach published")
    with open_published(folder.published) as connection:
        answers = {
            question.name: connection.execute(question.sql).fetchall()
            for question in asked
            if not any(f"marts.{name}" in question.sql for name in TABLES)
        }
    assert {name: again[name] for name in answers} == answers
    assert sum(map(bool, answers.values())) >= 15

    page = (project.PROJECT / "docs" / "questions.md").read_text(encoding="utf-8")
    shown = [(question.name, question.text, question.sql) for question in asked]
    assert re.findall(r'<a id="(.+?)"></a>\n\n## ([^\n]+)\n\n```sql\n(.+?)\n```', page, re.DOTALL) == shown


def test_the_key_is_in_no_file_and_no_output(first_run, feed) -> None:
    folder, done = first_run
    forms = {API_KEY, quote_plus(API_KEY), json.dumps(API_KEY)[1:-1]}
    texts = {str(path): path.read_bytes() for path in folder.path.rglob("*") if path.is_file()}
    texts["output"] = (done.stdout + done.stderr).encode()
    assert any(name.endswith("dbt.log") for name in texts)
    assert not [(name, form) for name, text in texts.items() for form in forms if form.encode() in text]
    assert feed.stats()["statuses"]["200"] > 3


def test_a_second_run_changes_nothing_but_the_load_log(first_run, tmp_path) -> None:
    folder = first_run[0].copy(tmp_path / "again")
    signal_files = ("daily_insider_signal.csv", "daily_insider_signal.parquet")
    # When last and how often a record was set aside, and the window that was read last, are told by loads, too.
    by_loads = "'last_seen_at', 'times_seen', 'window_start', 'reported_records', 'received_records'"
    before, files = folder.marts(by_loads), folder.files()
    # Nor does a walk by a clock that ran ahead for a while.
    with duckdb.connect(folder.path / "filings.duckdb") as connection:
        connection.execute("""
            insert into raw_filings_api.windows
            select windows.* replace (
                'ahead' as walk_id, date '2030-01-01' as window_start, date '2030-01-31' as window_end,
                started_at + interval 4 year as started_at, finished_at + interval 4 year as finished_at
            ) from raw_filings_api.windows limit 1
        """)
    assert folder.run().returncode == 0
    after = folder.marts(by_loads)
    assert [name for name in before if name not in LOAD_LOG and before[name] != after[name]] == []
    assert before["load_completeness"] < after["load_completeness"]
    assert [name for name in signal_files if folder.files()[name] != files[name]] == []


def test_a_past_day_is_published_as_it_was_known_then(first_run, tmp_path) -> None:
    folder, day = first_run[0].copy(tmp_path / "past"), date(2026, 3, 2)
    now = {row[:2]: row for row in scores_until(day, folder.published)}
    assert folder.run(AS_OF=str(day)).returncode == 0
    assert {row[:2]: row for row in scores_until(day, folder.published)} == now
    assert len(now) > 50
    [span] = project.rows(
        folder.published,
        """
        select max(as_of_date) as as_of_date, max(available_date) as last_known,
            (select max(signal_date) from marts.issuer_scores) as last_scored
        from marts.insider_transactions
        """,
    )
    assert span["as_of_date"] == span["last_scored"] == day >= span["last_known"]
    assert json.loads((folder.exports / "manifest.json").read_text())["as_of_date"] == str(day)


@pytest.mark.parametrize(
    ("day", "status", "message"),
    [
        ("2026-13-40", 2, "'2026-13-40' is no date: write one as 2026-03-31"),
        ("1999-12-31", 1, "to 2026-03-31, and 1999-12-31 is outside"),
        ("2026-04-01", 1, "to 2026-03-31, and 2026-04-01 is outside"),
    ],
)
def test_a_day_that_the_archive_does_not_reach_is_refused_and_overwrites_nothing(
    first_run, tmp_path, day: str, status: int, message: str
) -> None:
    folder = first_run[0].copy(tmp_path / "past")
    published = folder.files()
    done = folder.run(AS_OF=day)
    assert (done.returncode, message in done.stderr) == (status, True), done.stderr
    assert "Traceback" not in done.stderr
    assert folder.files() == published


def scores_until(day: date, published: Path) -> list[tuple]:
    with duckdb.connect(str(published), read_only=True) as connection:
        return connection.execute(
            "select signal_date, issuer_id, * exclude (signal_date, issuer_id) from marts.issuer_scores where signal_date <= ?",
            [day],
        ).fetchall()


def test_a_failing_test_leaves_what_is_published_as_it_was(first_run, tmp_path) -> None:
    folder = first_run[0].copy(tmp_path / "failing")
    files = folder.files()
    # A row that the archive lost: the walk's count no longer comes out.
    with duckdb.connect(folder.environment["INSIDER_FILINGS_DB"]) as connection:
        connection.execute("""
            delete from raw_filings_api.observations
            where rowid = (select min(rowid) from raw_filings_api.observations)
        """)
    done = folder.run()
    assert done.returncode == 1
    assert "walks_are_conserved" in done.stderr
    assert "nothing was published" in done.stderr.splitlines()[-1]
    assert "Traceback" not in done.stdout + done.stderr
    assert folder.files() == files


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({"BASE_URL": ""}, "base_url"),
        ({"START_DATE": ""}, "start_date"),
        ({"BASE_URL": "http://127.0.0.1:9"}, "no answer"),
        ({"API_KEY": "wrong"}, "check api_key"),
        ({"PAGE_SIZE": "many"}, "page_size"),
    ],
    ids=["no address", "no first day", "no server", "wrong key", "no number"],
)
def test_a_users_error_is_one_clear_message(
    feed, tmp_path, monkeypatch, capfd, environment: dict[str, str], message: str
) -> None:
    folder = Folder.on(feed, tmp_path, RUNTIME__REQUEST_MAX_ATTEMPTS="2", RUNTIME__REQUEST_BACKOFF_FACTOR="0")
    for name in os.environ.keys() - folder.environment.keys():
        monkeypatch.delenv(name)
    for name, value in folder.environment.items():
        monkeypatch.setenv(name, value)
    for name, value in environment.items():
        monkeypatch.setenv(f"SOURCES__FILINGS_API__{name}", value)
    assert main(["signal"]) == 1
    [line] = without_progress(capfd.readouterr().err).splitlines()
    assert line.startswith("stopped: ")
    assert message in line
    assert not folder.published.exists()


def test_a_database_with_an_archive_of_its_own_reads_no_folder(first_run, tmp_path, monkeypatch) -> None:
    folder = first_run[0].copy(tmp_path / "own")
    for name, value in folder.environment.items():
        monkeypatch.setenv(name, value)
    (tmp_path / "archive").mkdir()
    monkeypatch.setenv("INSIDER_ARCHIVE_URL", str(tmp_path / "archive"))
    with pytest.raises(RunError, match="let INSIDER_FILINGS_DB name another file"):
        build(folder.path / "filings.duckdb")


def test_the_demo_heeds_no_archive_and_no_source_of_the_environment(tmp_path, monkeypatch) -> None:
    foreign = {
        "INSIDER_ARCHIVE_URL": str(tmp_path / "archive"),
        "SOURCES__FILINGS_API__PATH": "elsewhere",
        "SOURCES__SEC_EDGAR__USER_AGENT": "Somebody somebody@example.com",
    }
    seen: dict[str, str] = {}
    monkeypatch.setattr(runner.demo, "FOLDER", tmp_path / "demo")
    monkeypatch.setattr(runner.demo, "FILINGS", 20)
    monkeypatch.setattr(runner.__main__, "load", lambda *_: seen.update(os.environ))
    monkeypatch.setattr(runner.__main__, "deliver", lambda *_, **__: None)
    with patch.dict(os.environ, foreign):
        runner.__main__.demo()
    assert seen["SOURCES__PRICES__PATH"] == str(tmp_path / "demo" / "prices")
    assert not foreign.keys() & seen.keys()


def test_no_run_on_real_filings_loads_the_sandbox() -> None:
    code = "import sys, runner.__main__; sys.exit('sandbox' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=project.PROJECT).returncode == 0


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("INSIDER_ARCHIVE_URL", "name one in INSIDER_ARCHIVE_URL"),
        ("extra", "requirements-spark.lock"),
        ("java", "Spark needs Java 17"),
    ],
)
def test_what_spark_lacks_is_said_before_anything_is_loaded(
    feed, tmp_path, monkeypatch, capsys, missing: str, message: str
) -> None:
    folder = Folder.on(feed, tmp_path, INSIDER_ARCHIVE_URL=str(tmp_path / "archive"))
    for name, value in folder.environment.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(runner.__main__, "find_spec", lambda _: missing != "extra")
    if missing == "INSIDER_ARCHIVE_URL":
        monkeypatch.delenv(missing)
    elif missing == "java":
        monkeypatch.setenv("JAVA_HOME", str(tmp_path / "no java"))
    assert main(["signal", "--target", "spark"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("stopped: ")
    assert message in line
    assert [*tmp_path.iterdir()] == []


def test_spark_begins_in_an_empty_folder(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(runner.__main__, "find_spec", lambda _: True)
    monkeypatch.setattr(runner.__main__.shutil, "which", str)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INSIDER_ARCHIVE_URL", "the archive")
    monkeypatch.setenv("INSIDER_SPARK_WAREHOUSE", "tables")
    left = tmp_path / "tables" / "build" / "marts.db" / "half_written"
    left.mkdir(parents=True)
    (tmp_path / "tables" / "of others").mkdir()
    assert runner.__main__.warehouse() == tmp_path / "tables" / "build"
    assert sorted(tmp_path.rglob("*")) == [tmp_path / "tables", *sorted((tmp_path / "tables").iterdir())]
    assert os.environ["INSIDER_SPARK_WAREHOUSE"] == str(tmp_path / "tables" / "build")


def test_a_path_that_begins_nowhere_is_the_same_folder_for_the_loader_and_dbt(tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INSIDER_ARCHIVE_URL", "the archive")
    monkeypatch.setenv("INSIDER_FILINGS_DB", "")
    runner.__main__.load(Files.in_folder(tmp_path), [])
    assert os.environ["INSIDER_ARCHIVE_URL"] == str(tmp_path / "the archive")


def test_one_file_for_the_archive_and_the_marts_is_refused_before_anything_is_loaded(
    tmp_path, monkeypatch, capsys
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("INSIDER_FILINGS_DB", str(tmp_path / "filings.duckdb"))
    monkeypatch.setenv("INSIDER_MARTS_DB", "filings.duckdb")
    monkeypatch.setattr(runner.__main__, "load", lambda *_: pytest.fail("it loads"))
    assert main(["signal"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("stopped: INSIDER_FILINGS_DB and INSIDER_MARTS_DB name the same file")


@pytest.mark.parametrize("variable", ["INSIDER_MARTS_DB", "INSIDER_EXPORTS", "DBT_TARGET_PATH"])
def test_a_path_that_is_no_utf_8_is_refused_before_anything_is_loaded(monkeypatch, capsys, variable) -> None:
    monkeypatch.setenv(variable, os.fsdecode(b"/caf\xe9"))
    monkeypatch.setattr(runner.__main__, "load", lambda *_: pytest.fail("it loads"))
    assert main(["signal"]) == 1
    assert (
        capsys.readouterr().err
        == f"stopped: the variable {variable} is no UTF-8: write it in UTF-8 and run again\n"
    )


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is full")
def test_a_full_disk_below_the_write_ahead_log_is_one_line(tmp_path, monkeypatch, capsys) -> None:
    database = tmp_path / "filings.duckdb"
    duckdb.connect(str(database)).close()
    Path(f"{database}.wal").symlink_to("/dev/full")
    monkeypatch.setenv("INSIDER_FILINGS_DB", str(database))
    monkeypatch.setattr(runner.__main__, "load", lambda *_: None)

    def write(files: Files, *_: Any, **__: Any) -> None:
        with duckdb.connect(str(files.working)) as connection:
            connection.execute("create table written as select 1")

    monkeypatch.setattr(runner.__main__, "deliver", write)
    assert main(["signal"]) == 1
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("stopped: ")
    assert line.endswith(
        "No space left on device. Make room there and run again: what is archived or published is whole"
    )


def test_an_output_that_cannot_show_a_name_shows_the_rest(tmp_path) -> None:
    script = "import sys, runner.__main__ as it; it.load = lambda *_: print('S\\u00f8ren'); it.deliver = lambda *_, **__: None;"
    done = subprocess.run(
        [sys.executable, "-c", f"{script} sys.exit(it.main(['signal']))"],
        cwd=project.PROJECT,
        env=os.environ
        | {"PYTHONIOENCODING": "ascii", "INSIDER_FILINGS_DB": str(tmp_path / "filings.duckdb")},
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "S\\xf8ren\n", "")


def test_an_interruption_is_one_line_that_says_what_is_kept(tmp_path, monkeypatch, capsys) -> None:
    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(runner.__main__, "load", interrupt)
    assert main(["signal"]) == 130
    [line] = capsys.readouterr().err.splitlines()
    assert line.startswith("interrupted: ") and "archived" in line


def test_an_interruption_of_dbt_is_one_and_no_failure(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(
        dbtRunner, "invoke", lambda *_: dbtRunnerResult(success=False, exception=KeyboardInterrupt())
    )
    with pytest.raises(KeyboardInterrupt):
        build(tmp_path / "filings.duckdb")
    assert gc.isenabled()


@pytest.mark.parametrize("target", ["in the environment", ""])
def test_the_documentation_lies_beside_the_exports(tmp_path, monkeypatch, target: str) -> None:
    folder = tmp_path / (target or "target")
    monkeypatch.setattr(runner.__main__, "PROJECT", tmp_path)
    monkeypatch.setenv("DBT_TARGET_PATH", str(folder) if target else "")

    def dbt(*_: Any) -> dbtRunnerResult:
        folder.mkdir()
        (folder / "static_index.html").write_text("the page")
        return dbtRunnerResult(success=True)

    monkeypatch.setattr(runner.__main__, "dbt", dbt)
    files = Files.in_folder(tmp_path / "demo", environment={})
    assert runner.__main__.document(files) == tmp_path / "demo" / "exports" / "documentation.html"
    assert (tmp_path / "demo" / "exports" / "documentation.html").read_text() == "the page"


def test_a_text_that_a_spreadsheet_would_run_is_a_text_in_the_csv_alone(tmp_path) -> None:
    names = [
        "=1+1",
        "+1",
        "-1",
        "@a",
        "  =1",
        "\t=1",
        "\r=1",
        "\x00=1",
        "\uff1d1",
        "\t x",
        "a=1",
        "",
        None,
        "O'X",
        "a\x00b\x9b\x1b[31mc",
    ]
    published = tmp_path / "published.duckdb"
    with duckdb.connect(str(published)) as connection:
        connection.execute("create schema marts")
        connection.execute(
            "create table marts.load_completeness as select 'a' as source, date '2026-03-31' as as_of_date,"
            " as_of_date as window_start, as_of_date as window_end, true as is_closed, 'verified' as status"
        )
        connection.execute(
            "create table marts.daily_insider_signal as select unnest(range(len($names))) as rank, unnest($names) as issuer_name,"
            " -5 as score",
            {"names": names},
        )
    export(published, tmp_path, {}, {})
    csv = duckdb.sql(
        f"from read_csv('{tmp_path}/daily_insider_signal.csv', all_varchar = true, nullstr = '', allow_quoted_nulls = false)"
    )
    begun = ["'=1+1", "'+1", "'-1", "'@a", "'  =1", "'\t=1", "'\r=1", "'\ufffd=1", "'\uff1d1", "'\t x"]
    assert [row[1] for row in csv.fetchall()] == [*begun, "a=1", "", None, "O'X", "a\ufffdb\ufffd\ufffd[31mc"]
    # A number is no text: it stays one.
    assert {row[2] for row in csv.fetchall()} == {"-5"}
    parquet = duckdb.sql(
        f"select issuer_name from '{tmp_path}/daily_insider_signal.parquet' order by rank"
    ).fetchall()
    assert [name for (name,) in parquet] == names


def test_a_name_that_reads_like_markup_is_printed_as_it_is(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(workbook, "write", lambda *_: None)
    shown, files = "BANK [/DE/] [bold]:bank:\ufffd[31m\ufffd", Files.in_folder(tmp_path, environment={})
    name = shown.replace("\ufffd", "\x1b", 1).replace("\ufffd", "\x9b")
    numbers = "1.0 as score, 1.0 as buy_value_term, 0.0 as distinct_buyers_term, 0.0 as senior_buyer_term"
    with duckdb.connect(str(files.published)) as connection:
        connection.execute(f"""
            create schema marts;
            create table marts.load_completeness as select date '2026-03-31' as as_of_date;
            create table marts.daily_insider_signal as select
                1 as rank, '[b]' as ticker, '{name}' as issuer_name, '1' as issuer_id, 'US' as market, {numbers},
                0.0 as days_since_last_buy_term, 5 as total_buy_value, 1 as distinct_buyers, 'EUR' as base_currency,
                date '2026-03-30' as last_buy_date, date '2026-03-31' as tradable_on,
                3 as same_terms_buyers, 'far_below_issuer_median' as price_flags
        """)
    for step, made in {
        "build": Built([], 1, [Warned("a_test", 1, name, "a_mart", "look")]),
        "publish": {},
        "export": None,
        "draw": None,
    }.items():
        monkeypatch.setattr(runner.__main__, step, lambda *_, made=made: made)
    runner.__main__.deliver(files)
    printed = capsys.readouterr().out
    assert printed.count(shown) == 4
    assert f"1 {shown}: 3 insiders bought on one day at one price or in one lot" in printed
    assert f"1 {shown}: price_flag far_below_issuer_median" in printed
    assert not {"\x1b", "\x9b"} & set(printed)
    assert "[b]" in printed


def test_a_quiet_run_says_nothing_but_what_stops_it(tmp_path, monkeypatch, capsys) -> None:
    monkeypatch.setattr(progress, "_is_quiet", threading.Event())
    monkeypatch.setattr(runner.__main__, "PROJECT", tmp_path)
    monkeypatch.setattr(
        runner.__main__.loader, "load", lambda source: Summary(source, 1, None, None, 1, 0, 0, None)
    )
    monkeypatch.setattr(runner.__main__.loader, "archived_filing_days", lambda: None)
    monkeypatch.setattr(workbook, "write", lambda *_: None)
    warned = Warned("a_test", 1, "late filings", "filing_timeliness", "look")
    for step, made in {
        "build": Built([], 1, [warned]), "publish": {}, "export": None, "draw": None, "print_ranking": None
    }.items():  # fmt: skip
        monkeypatch.setattr(runner.__main__, step, lambda *_, made=made: made)
    assert main(["signal", "--quiet"]) == 0
    assert capsys.readouterr() == ("", "")
    assert main(["signal", "--quiet", "--as-of", "2026-03-31"]) == 1
    assert capsys.readouterr().err.startswith("stopped: no complete day of filings is archived")


def test_the_bar_of_a_build_follows_the_events_of_dbt(tmp_path) -> None:
    bar = tqdm(file=io.StringIO())
    result = dbt(
        tmp_path / "seeds.duckdb",
        "--quiet",
        "seed",
        "--select",
        "roles",
        "score_weights",
        listen=_Progress(bar),
    )
    assert result.success
    assert (bar.n, bar.total) == (2, 2)


# ---------------------------------------------------------------- publishing under the eyes of readers

READER = """
import sys, duckdb
with duckdb.connect(sys.argv[1], read_only=True) as connection:
    for _ in range(2):
        print(connection.execute("select min(generation), max(generation) from marts.a").fetchone(), flush=True)
        sys.stdin.readline()
"""
MANY_READERS = """
import sys, duckdb
seen = set()
while True:
    with duckdb.connect(sys.argv[1], read_only=True) as connection:
        seen.add(connection.execute(
            "select (select any_value(generation) from marts.a), (select any_value(generation) from marts.b),"
            " (select count(*) from marts.a), (select count(distinct generation) from marts.a)"
        ).fetchone())
    if max(seen)[0] == int(sys.argv[2]):
        break
print(sorted(seen))
"""


MARTS = ["b", "a"]


def write_generation(working: Path, generation: int) -> None:
    """A working database whose marts all bear the number of a build."""
    with duckdb.connect(str(working)) as connection:
        connection.execute("create schema if not exists marts")
        for mart, rows in (("a", 50_000), ("b", 1)):
            connection.execute(
                f"create or replace table marts.{mart} as select {generation} as generation from range({rows})"
            )


def start(script: str, *arguments: Any) -> subprocess.Popen:
    command = [sys.executable, "-c", script, *map(str, arguments)]
    return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def test_who_has_the_old_file_open_goes_on_reading_it(tmp_path) -> None:
    working, published = tmp_path / "working.duckdb", tmp_path / "published.duckdb"
    write_generation(working, 1)
    publish(working, published, MARTS)
    with start(READER, published) as early:
        assert early.stdout.readline() == "(1, 1)\n"
        write_generation(working, 2)
        assert publish(working, published, MARTS) == {"a": 50_000, "b": 1}
        assert early.communicate("\n\n")[0] == "(1, 1)\n"
    with start(READER, published) as late:
        assert late.communicate("\n\n")[0] == "(2, 2)\n(2, 2)\n"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["published.duckdb", "working.duckdb"]


def test_what_the_project_no_longer_makes_is_not_published(tmp_path) -> None:
    working, published = tmp_path / "working.duckdb", tmp_path / "published.duckdb"
    write_generation(working, 1)
    assert publish(working, published, ["a"]) == {"a": 50_000}
    with open_published(published) as connection:
        tables = connection.execute("select table_name from duckdb_tables() where schema_name = 'marts'")
        assert tables.fetchall() == [("a",)]
    files = published.read_bytes()
    with pytest.raises(RunError, match="missing_mart"):
        publish(working, published, ["a", "missing_mart"])
    assert published.read_bytes() == files


@pytest.mark.parametrize("name", ["marts.duckdb", "working.duckdb", "the analyst's.db"])
def test_the_files_may_be_called_anything(tmp_path, name: str) -> None:
    # DuckDB names a database after its file, so that these are also the names of a schema and of an alias.
    working, published = tmp_path / "built.duckdb", tmp_path / "here" / name
    write_generation(working, 1)
    assert publish(working, published, MARTS) == {"a": 50_000, "b": 1}
    with open_published(published) as connection:
        assert connection.execute("select min(generation) from marts.a").fetchone() == (1,)


def test_readers_never_fail_and_always_see_one_whole_build(tmp_path) -> None:
    working, published, builds = tmp_path / "working.duckdb", tmp_path / "published.duckdb", 25
    write_generation(working, 1)
    publish(working, published, MARTS)
    with start(MANY_READERS, published, builds) as reader:
        for generation in range(2, builds + 1):
            write_generation(working, generation)
            publish(working, published, MARTS)
        output, _ = reader.communicate(timeout=60)
    assert reader.returncode == 0
    seen = [tuple(row) for row in json.loads(output.replace("(", "[").replace(")", "]"))]
    assert len(seen) > 3
    assert seen == [(generation, generation, 50_000, 1) for generation, *_ in seen]


# ---------------------------------------------------------------- nothing loaded


def test_nothing_loaded_is_no_error(tmp_path) -> None:
    database = tmp_path / "insider_filings.duckdb"
    statuses = project.build_everything(database)
    assert set(statuses.values()) <= {"success", "pass", "no-op", "warn"}
    rows = {name: len(of_mart) for name, of_mart in project.marts(database).items()}
    assert len(rows) > 15
    # These tell of the seeds.
    assert {name for name, count in rows.items() if count} == {"about", "mapping_rules", "score_terms"}
