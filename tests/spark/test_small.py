"""The small proof, for every change: a small archive of every oddity, on two days, gives the same marts on both engines."""

import engines
from equality import differences
from sec_archive import filing, holding, purchase

FILINGS = 120
SEC_FILINGS = (
    [
        filing(
            "0000000011-26-000001",
            "2026-03-03T16:01:00-05:00",
            [purchase("2026-03-02", "1000", "12.50"), purchase("2026-03-02", "63", "12.55"), holding()],
        )
    ],
    [
        filing(
            "0000000011-26-000002",
            "2026-03-31T16:01:00-04:00",
            [purchase("2026-03-02", "1000", "12.75")],
            form_type="4/A",
            original_date="2026-03-03",
        )
    ],
)


def test_both_engines_give_the_same_marts_on_both_days(tmp_path):
    stages = engines.feed_stages(
        tmp_path, "adversarial", FILINGS, "2026-01-01", engines.MODELS, sec_filings=SEC_FILINGS
    )
    marts = engines.spark_builds(tmp_path / "spark", stages, engines.MODELS)
    for stage, warehouse in zip(stages, marts, strict=True):
        assert differences(stage.database, warehouse) == {}
