"""What a load says while it works."""

import logging

from loader.redaction import LOG_FILTER

LOG = logging.getLogger("loader")
LOG.addFilter(LOG_FILTER)
