"""Regressions and rank correlations agree with statsmodels, scipy or plain loops."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import statsmodels.api as sm
from scipy import stats

from event_study import estimators
from event_study.partitions import slices
from event_study.ranks import VARIANTS, ranks
from event_study.regressions import QUESTION, cross_section, fama_macbeth, regressions, terms
from event_study.series import week_numbers
from event_study.verdict import RETURN_KINDS, Study

NAMES = ["constant", "a", "b"]


def sample(seed: int = 1, size: int = 600):
    rng = np.random.default_rng(seed)
    week, issuer = rng.integers(0, 50, size), rng.integers(0, 80, size)
    x = np.column_stack([np.ones(size), rng.integers(0, 2, size), rng.normal(size=size)]).astype(float)
    y = x @ [0.01, 0.02, 0.005] + rng.normal(0, 0.02, 50)[week] + rng.normal(0, 0.05, size)
    return y, x, week, issuer


def test_the_cross_section_is_that_of_statsmodels():
    y, x, week, issuer = sample()
    rows = cross_section(y, x, NAMES, week, issuer)
    assert [row["term"] for row in rows] == NAMES
    for way, groups, smaller in (
        ("week", week, 50),
        ("issuer", issuer, np.unique(issuer).size),
        ("two_way", np.column_stack([week, issuer]), 50),
    ):
        fit = sm.OLS(y, x).fit(cov_type="cluster", cov_kwds={"groups": groups}, use_t=True)
        for place, row in enumerate(rows):
            assert row["estimate"] == pytest.approx(fit.params[place])
            assert row[f"se_{way}"] == pytest.approx(fit.bse[place]), way
            assert row[f"p_{way}"] == pytest.approx(2 * stats.t.sf(abs(fit.tvalues[place]), smaller - 1))


def test_too_few_clusters_or_terms_that_do_not_vary():
    y, x, week, issuer = sample()
    row = cross_section(y, x, NAMES, week % 19, issuer)[1]
    assert np.isnan([row["t_week"], row["p_week"], row["t_two_way"]]).all() and np.isfinite(row["t_issuer"])
    x[:, 1] = 1.0
    assert cross_section(y, x, NAMES, week, issuer) == []
    assert cross_section(y[:3], x[:3], NAMES, week[:3], issuer[:3]) == []


def test_fama_macbeth_is_a_mean_of_monthly_regressions():
    y, x, week, _ = sample(size=2000)
    months = 24000 + week
    months[months == 24007] = 24008  # a month without events
    few = np.flatnonzero(months == 24011)[12:]
    keep = np.setdiff1d(np.arange(2000), few)  # and one with too few
    y, x, months = y[keep], x[keep], months[keep]
    rows = fama_macbeth(y, x, months, 63)
    coefficients = np.full((50, 3), np.nan)
    for month in range(50):
        chosen = months == 24000 + month
        if chosen.sum() >= 13:
            coefficients[month] = sm.OLS(y[chosen], x[chosen]).fit().params
    assert np.isnan(coefficients[[7, 11]]).all()
    for place, row in enumerate(rows):
        test = estimators.newey_west(coefficients[:, place], 3)
        assert (row["fm_estimate"], row["fm_t"], row["fm_p"]) == pytest.approx((test.mean, test.t, test.p))
        assert row["fm_months"] == 48
        assert row["fm_estimate"] == pytest.approx(np.nanmean(coefficients[:, place]))


def events(size: int = 400, seed: int = 1) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    days = np.datetime64("2022-01-03") + rng.integers(0, 700, size)
    return pd.DataFrame(
        {
            "event_id": [f"first_buy:feed:{number:04d}" for number in range(size)],
            "event_kind": "first_buy",
            "source": "feed",
            "issuer_id": [f"C{number}" for number in range(size)],
            "market": None,
            "signal_date": days,
            "entry_date": days + 1,
            "score_quintile": rng.integers(1, 6, size),
            "distinct_buyers": rng.integers(1, 4, size),
            "is_senior": rng.random(size) < 0.5,
            "role": None,
            "trading_pattern": "unclassified",
            "same_terms_buyers": 1,
            "is_first_buy_in_year": None,
            "buy_value_to_volume": rng.lognormal(-2, 1, size),
            "total_buy_value": rng.lognormal(11, 1, size),
            "days_since_last_buy": rng.integers(0, 9, size),
        }
    )


def test_the_question_finds_what_is_there_and_counts_an_issuer_and_day_once():
    frame = events()
    explained = terms(frame)
    again = frame.head(40).assign(
        event_kind="cluster", event_id=lambda part: part["event_id"].str.replace("first_buy", "cluster")
    )
    ahead = frame.head(40).assign(
        event_kind="first_buy_at_transaction",
        event_id=lambda part: part["event_id"].str.replace("first_buy", "first_buy_at_transaction"),
    )
    everything = pd.concat([frame, again, ahead], ignore_index=True)
    noise = np.random.default_rng(2).normal(0, 0.01, len(everything))
    earned = terms(everything)[QUESTION].to_numpy() * 0.04 + noise
    dates = everything["entry_date"].to_numpy("datetime64[D]")
    study = Study(
        events=everything,
        horizons=[5],
        earned=dict.fromkeys(RETURN_KINDS, earned[:, None]),
        entries=np.arange(len(everything)),
        days=np.searchsorted(np.unique(dates), dates),
        weeks=week_numbers(dates),
        months=dates.astype("datetime64[M]").astype(np.int64),
        issuers=pd.factorize(everything["issuer_id"])[0].astype(np.int64),
    )
    table = regressions(study)
    found = table[(table["model"] == "with_liquidity") & (table["return_kind"] == "adjusted")].set_index(
        "term"
    )
    assert found["n_events"].unique() == [400]
    assert found.loc[QUESTION, "estimate"] == pytest.approx(0.04, abs=0.006)
    assert found.loc[QUESTION, "q_by"] < 0.001
    assert found.loc["senior", "q_by"] > 0.05
    assert np.isnan(found.loc["constant", "q_bh"])
    assert (explained["cluster"] == (frame["distinct_buyers"] >= 2)).all()


def test_what_looks_ahead_is_in_no_other_slice():
    frame = events(6)
    frame.loc[2:, "event_kind"] = "first_buy_at_transaction"
    for part in slices(frame):
        values = {label for label, code in zip(frame["event_kind"], part.codes, strict=True) if code >= 0}
        assert ("first_buy_at_transaction" in values) == (part.slice == "event_kind")
    by_size = next(part for part in slices(frame) if part.slice == "buy_size")
    assert all(kind == "first_buy" for kind, _ in by_size.labels)
    assert ("first_buy", "unknown") in next(part for part in slices(frame) if part.slice == "role").labels


def panel(seed: int = 1, weeks: int = 60, names: int = 30) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    size = weeks * names
    frame = pd.DataFrame(
        {"signal_date": np.repeat(np.datetime64("2022-01-02") + 7 * np.arange(weeks), names)}
    )
    frame["earned_5"] = np.where(rng.random(size) < 0.1, np.nan, rng.normal(0, 0.05, size))
    frame["earned_21"] = rng.normal(0, 0.1, size).round(2)  # with ties
    for number, variant in enumerate(VARIANTS):
        frame[variant] = frame["earned_21"] * (0.1 * number) + rng.normal(0, 0.05, size).round(2)
    # A week with too few names.
    frame.loc[(frame["signal_date"] == np.datetime64("2022-01-16")) & (frame.index % 4 > 0), VARIANTS] = (
        np.nan
    )
    return frame.sample(frac=1, random_state=seed, ignore_index=True)


def test_rank_correlations_are_those_of_scipy():
    frame = panel()
    table = ranks(frame).set_index(["score_variant", "horizon"])
    assert len(table) == 2 * len(VARIANTS)
    coefficients = {}
    for variant in VARIANTS:
        weekly, quintiles = [], []
        for _, week in frame.groupby("signal_date"):
            week = week[week[variant].notna() & week["earned_21"].notna()]
            if len(week) < 10:
                weekly.append(np.nan)
                quintiles.append([np.nan] * 5)
                continue
            weekly.append(stats.spearmanr(week[variant], week["earned_21"]).statistic)
            place = np.minimum((5 * (week[variant].rank() - 0.5) / len(week)).astype(int), 4)
            quintiles.append([week["earned_21"][place == number].mean() for number in range(5)])
        coefficients[variant] = np.array(weekly)
        row, means = table.loc[(variant, 21)], np.array(quintiles)
        assert row["n_weeks"] == 59
        assert row["mean_rank_ic"] == pytest.approx(np.nanmean(weekly))
        assert row["share_positive"] == pytest.approx(np.mean(np.array(weekly)[np.isfinite(weekly)] > 0))
        assert row["t_rank_ic"] == pytest.approx(estimators.newey_west(np.array(weekly), 5).t)
        spread = estimators.newey_west(means[:, 4] - means[:, 0], 5)
        assert (row["top_less_bottom"], row["t_top_less_bottom"]) == pytest.approx((spread.mean, spread.t))
        overall = np.nanmean(means, axis=0)
        assert [row[f"quintile_{number}"] for number in range(1, 6)] == pytest.approx(overall)
        assert row["monotonicity"] == pytest.approx(stats.spearmanr(range(5), overall).statistic)
    compared = coefficients["score_version_2"] - coefficients["score_version_1"]
    assert table.loc[("score_version_2", 21), "rank_ic_less_version_1"] == pytest.approx(np.nanmean(compared))
    assert table.loc[("score_version_2", 21), "t_less_version_1"] == pytest.approx(
        estimators.newey_west(compared, 5).t
    )
    assert table.loc[("score_version_1", 5), "share_unpriced"] == pytest.approx(
        frame["earned_5"].isna().mean()
    )


def test_no_scores_no_ranks():
    assert ranks(panel().head(0)).empty
