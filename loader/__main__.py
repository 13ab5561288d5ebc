"""``python -m loader SOURCE``: load one source into the raw archive."""

import argparse
import gc
import sys

from loader import LoadError, known_sources, load, progress
from loader.config import PROJECT
from loader.run_log import COUNTS, RunLog, logs_in


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 loaded, 1 stopped (the reason is the last line on stderr), 130 interrupted."""
    # What is imported lives as long as the process: there is nothing in it to collect.
    gc.freeze()
    # Where the output cannot show a name, the rest is shown.
    sys.stdout.reconfigure(errors="backslashreplace")
    source = "loader"
    try:
        options = vars(_parser().parse_args(arguments))
        source = options.pop("source")
        progress.show()
        with RunLog(logs_in(PROJECT), "load").step("load", source=source) as line:
            summary = load(source, **options)
            line["counts"] = {name: getattr(summary, name) for name in COUNTS}
        print(summary)
    except LoadError as error:
        print(f"{source}: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print(f"{source}: interrupted; the windows loaded so far are archived", file=sys.stderr)
        return 130
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m loader", description=__doc__)
    commands = parser.add_subparsers(dest="source", metavar="SOURCE", required=True)
    for name, module in known_sources().items():
        summary = module.__doc__.splitlines()[0]
        module.add_arguments(commands.add_parser(name, help=summary, description=summary))
    return parser


if __name__ == "__main__":
    sys.exit(main())
