"""``python -m tools.questions``: writes docs/questions.md, the questions of `analyses/` with their answers on the demo."""

import argparse
import sys
from decimal import Decimal
from pathlib import Path
from typing import Any, NamedTuple

import duckdb

from runner.build import dbt
from runner.demo import FOLDER
from runner.publish import SCHEMA, open_published
from runner.settings import PROJECT, Files, RunError

PAGE = PROJECT / "docs" / "questions.md"
ROWS = 5
HEAD = """# Questions of the trade

Each is a dbt analysis in [analyses/](../analyses), and here with its first rows on the demo (`make demo`, then `make study` on its files).
Ask them of any published file: `duckdb -readonly demo/insider_marts.duckdb`. `python -m tools.questions` writes this page;
`python -m tools.questions --check` says whether it is current.
"""


class Question(NamedTuple):
    """An analysis: its name, what it asks, and the SQL that answers it on a published file."""

    name: str
    text: str
    sql: str


def questions(working: Path) -> list[Question]:
    """The analyses as dbt compiles them, in the order of their names.

    Raises:
        RunError: one of them cannot be compiled, or does not begin with its question.
    """
    result = dbt(working, "--quiet", "compile", "--select", "resource_type:analysis")
    if not result.success:
        raise RunError(f"the analyses could not be compiled: {result.exception or 'see the messages above'}")
    compiled = sorted((item.node.name, item.node.compiled_code) for item in result.result)
    return [_question(name, code, working.stem) for name, code in compiled]


def _question(name: str, code: str, database: str) -> Question:
    first, _, sql = code.strip().partition("\n")
    if not (first.startswith("-- ") and first.endswith("?")):
        raise RunError(f"analyses/{name}.sql does not begin with a comment that asks its question")
    # The reader's file has another name.
    return Question(
        name,
        first.removeprefix("-- "),
        sql.replace(f'"{database}"."{SCHEMA}".', f"{SCHEMA}.").replace('"', ""),
    )


def page(asked: list[Question], connection: duckdb.DuckDBPyConnection) -> str:
    """The questions with their SQL and first answers, as Markdown."""
    contents = "\n".join(f"- [{question.text}](#{question.name})" for question in asked)
    return "\n".join([HEAD, contents, *(section(question, connection) for question in asked)])


def section(question: Question, connection: duckdb.DuckDBPyConnection) -> str:
    """One question as Markdown."""
    answer = connection.execute(question.sql)
    names = [column[0] for column in answer.description]
    rows = answer.fetchall()
    table = "\n".join(
        f"| {' | '.join(cells)} |"
        for cells in [names, ["---"] * len(names), *([_shown(value) for value in row] for row in rows[:ROWS])]
    )
    count = "1 row" if len(rows) == 1 else f"{len(rows):,} rows"
    told = f"{count}:\n\n{table}" if 0 < len(rows) <= ROWS else f"The first {ROWS} of {count}:\n\n{table}"
    return f'\n<a id="{question.name}"></a>\n\n## {question.text}\n\n```sql\n{question.sql}\n```\n\n{told if rows else "No rows."}\n'


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        value = f"{value.normalize():f}"
    return str(value).replace("|", "\\|")


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 written or current, 1 stopped with the reason on stderr, or the page is not current."""
    parser = argparse.ArgumentParser(prog="python -m tools.questions", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; say whether the page is current")
    options = parser.parse_args(arguments)
    files = Files.in_folder(FOLDER, environment={})
    try:
        if not files.published.exists():
            raise RunError(f"there is no demo in {FOLDER}: run make demo first")
        with open_published(files.published) as connection:
            text = page(questions(files.working), connection)
    except (RunError, duckdb.Error) as error:
        print(f"stopped: {error}", file=sys.stderr)
        return 1
    if options.check:
        if PAGE.read_text(encoding="utf-8") == text:
            return 0
        print("docs/questions.md is not current: python -m tools.questions writes it", file=sys.stderr)
        return 1
    PAGE.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
