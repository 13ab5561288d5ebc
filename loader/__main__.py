"""``python -m loader SOURCE``: load one source into the raw archive."""

import argparse
import gc
import sys

from loader import LoadError, check, describe_feeds, known_sources, load, progress
from loader.config import PROJECT
from loader.run_log import COUNTS, RunLog, logs_in


def main(arguments: list[str] | None = None) -> int:
    """Exit status: 0 loaded (--check: can be loaded), 1 stopped (the reason is the last line on stderr), 130 interrupted."""
    # What is imported lives as long as the process: there is nothing in it to collect.
    gc.freeze()
    # Where the output cannot show a name, the rest is shown.
    sys.stdout.reconfigure(errors="backslashreplace")
    source = "loader"
    try:
        parser = _parser()
        options = vars(parser.parse_args(arguments))
        if not (options["list"] or options["source"]):
            parser.error("name a SOURCE, or give --list")
        if options.pop("list"):
            print("\n".join(describe_feeds()))
            return 0
        source = options.pop("source")
        progress.show()
        if options.pop("check", False):
            options.pop("reconcile")
            found = check(source, **options)
            print(found.text)
            return 1 if found.problems else 0
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
    parser.add_argument("--list", action="store_true", help="the feeds: what each needs, when it was loaded")
    commands = parser.add_subparsers(dest="source", metavar="SOURCE")
    for name, module in known_sources().items():
        summary = module.__doc__.splitlines()[0]
        module.add_arguments(commands.add_parser(name, help=summary, description=summary))
    return parser


if __name__ == "__main__":
    sys.exit(main())
