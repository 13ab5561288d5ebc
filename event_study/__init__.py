"""Does the signal work? The statistics of the event study, on the tables that the build leaves.

``python -m event_study run`` writes marts.event_study, marts.event_study_regressions and marts.event_study_ranks into the working
database, ``show`` prints the verdict, ``calibration`` holds the estimators against markets whose truth is known. The method,
with a reason for every choice, is in docs/event_study.md.
"""
