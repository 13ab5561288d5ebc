"""Measures how fast the project is, each time against a baseline run beside it: ``python -m tools.benchmarks``."""
