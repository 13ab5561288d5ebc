"""Does the signal work? The statistics of the event study, on the tables that the build leaves.

``python -m event_study run`` writes the measured marts (tables.py) into the working database and publishes them, ``show`` prints the
verdict, ``draw`` makes the pictures, ``calibration`` holds the estimators against markets whose truth is known. The method,
with a reason for every choice, is in docs/event_study.md.
"""
