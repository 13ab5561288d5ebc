"""Delivers the mart ``alerts``: to a webhook, to a file, or as mail. What cannot be delivered waits in an outbox for the next run."""

from alerts.delivery import Report, deliver, tell, waits
from alerts.settings import Settings, read_settings

__all__ = ["Report", "Settings", "deliver", "read_settings", "tell", "waits"]
