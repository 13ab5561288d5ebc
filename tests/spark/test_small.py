"""The small proof, for every change: a small archive of every oddity, on two days, gives the same marts on both engines."""

import engines
from equality import differences

FILINGS = 120


def test_both_engines_give_the_same_marts_on_both_days(tmp_path):
    stages = engines.feed_stages(tmp_path, "adversarial", FILINGS, "2026-01-01", engines.MODELS)
    marts = engines.spark_builds(tmp_path / "spark", stages, engines.MODELS)
    for stage, warehouse in zip(stages, marts, strict=True):
        assert differences(stage.database, warehouse) == {}
