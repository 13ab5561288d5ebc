"""``python -m alerts``: deliver the published alerts that wait, without a run of ``make signal``."""

import sys

import alerts
from loader.errors import LoadError
from loader.redaction import redact
from runner.settings import PROJECT, Files, RunError


def main() -> int:
    """Exit status: 0 nothing waits, 1 something waits or cannot be delivered; the reason is on stderr."""
    try:
        files = Files.in_folder(PROJECT)
        report = alerts.deliver(files.published, files.outbox, alerts.read_settings())
    except (LoadError, RunError) as error:
        print(f"stopped: {redact(str(error))}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted: what was not sent waits", file=sys.stderr)
        return 130
    for line in report.lines or ["nothing to send"]:
        print(line, file=sys.stdout if report.has_arrived else sys.stderr)
    return 0 if report.has_arrived else 1


if __name__ == "__main__":
    sys.exit(main())
