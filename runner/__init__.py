"""The daily command: load, build with tests, publish, export (``python -m runner``)."""
