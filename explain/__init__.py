"""Why an issuer has its score on a day, and what would change it: from the published file alone."""

from explain.answer import issuer, issuers
from explain.search import Unknown, find

__all__ = ["Unknown", "find", "issuer", "issuers"]
