"""What is fetched: one module a source."""
