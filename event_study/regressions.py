"""The article's question: do cluster buys by senior insiders say more than liquidity and the other terms do?"""

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import statsmodels.api as sm
from statsmodels.stats.sandwich_covariance import cov_cluster, cov_cluster_2groups

from event_study import estimators
from event_study.estimators import MINIMUM_CLUSTERS, MINIMUM_STRETCHES, two_sided
from event_study.series import Floats, Integers
from event_study.verdict import Study, looks_ahead

QUESTION = "cluster_and_senior"
CONSTANT = "constant"
MODELS: dict[str, list[str]] = {
    "without_liquidity": ["cluster", "senior", QUESTION, "log_buy_value", "days_since_last_buy"],
    "with_liquidity": [
        "cluster",
        "senior",
        QUESTION,
        "log_buy_value",
        "days_since_last_buy",
        "log_buy_to_volume",
    ],
}
KINDS = ["adjusted", "abnormal"]
ERRORS = [f"{number}_{way}" for number in ("se", "t", "p") for way in ("week", "issuer", "two_way")]
SESSIONS_PER_MONTH = 21
# Beyond one observation a coefficient, so that a month's coefficients are more than an exact fit.
SPARE_EVENTS = 10


def terms(events: pd.DataFrame) -> pd.DataFrame:
    """What explains the returns, by event, all of it known on the day of the signal."""
    cluster = (events["distinct_buyers"].astype(float) >= 2).astype(float)
    senior = events["is_senior"].astype("boolean").fillna(False).astype(float)
    value = np.maximum(events["total_buy_value"].astype(float), 0.0)
    ratio = events["buy_value_to_volume"].astype(float)
    return pd.DataFrame(
        {
            CONSTANT: 1.0,
            "cluster": cluster,
            "senior": senior,
            QUESTION: cluster * senior,
            "log_buy_value": np.log1p(value),
            "days_since_last_buy": events["days_since_last_buy"].astype(float),
            "log_buy_to_volume": np.log(ratio.where(ratio > 0)),
        }
    )


def regressions(study: Study) -> pd.DataFrame:
    """One row per model, return kind, horizon and term.

    An issuer and day count once, also where they are both a first buy and a cluster. A model is left out where an error of
    its terms cannot be had: fewer events than terms, or terms that do not vary.
    """
    honest = np.flatnonzero(~looks_ahead(study.events))
    keys = study.events.iloc[honest][["source", "issuer_id", "signal_date"]]
    chosen = honest[~keys.duplicated().to_numpy()]
    explained_by = terms(study.events.iloc[chosen])
    months = study.months[chosen]
    rows: list[Mapping[str, object]] = []
    for model, names in MODELS.items():
        for kind in KINDS:
            for column, horizon in enumerate(study.horizons):
                y = study.earned[kind][chosen, column]
                x = explained_by[[CONSTANT, *names]].to_numpy(float)
                keep = np.isfinite(y) & np.isfinite(x).all(axis=1)
                label = {"model": model, "return_kind": kind, "horizon": horizon}
                weeks, issuers = study.weeks[chosen][keep], study.issuers[chosen][keep]
                found = cross_section(y[keep], x[keep], [CONSTANT, *names], weeks, issuers)
                if estimators.effective_periods(study.days[chosen][keep], horizon) < MINIMUM_STRETCHES:
                    found = [row | dict.fromkeys(ERRORS, np.nan) for row in found]
                beside = fama_macbeth(y[keep], x[keep], months[keep], horizon)
                rows += [{**label, **row, **beside[place]} for place, row in enumerate(found)]
    table = pd.DataFrame(rows)
    if not table.empty:
        tests = table["p_two_way"].where(table["term"] != CONSTANT).to_numpy(float)
        table["q_bh"] = estimators.false_discovery(tests, dependent=False)
        table["q_by"] = estimators.false_discovery(tests, dependent=True)
    return table


def cross_section(
    y: Floats, x: Floats, names: Sequence[str], weeks: Integers, issuers: Integers
) -> list[dict[str, object]]:
    """Least squares over all events, with errors clustered by week, by issuer and both ways; one row a term."""
    if y.size <= x.shape[1] or np.linalg.matrix_rank(x) < x.shape[1]:
        return []
    fit = sm.OLS(y, x).fit()
    week_codes, issuer_codes = (np.unique(codes, return_inverse=True)[1] for codes in (weeks, issuers))
    n_weeks, n_issuers = int(week_codes.max()) + 1, int(issuer_codes.max()) + 1
    variances = {
        "week": (np.diag(cov_cluster(fit, week_codes)), n_weeks),
        "issuer": (np.diag(cov_cluster(fit, issuer_codes)), n_issuers),
        "two_way": (np.diag(cov_cluster_2groups(fit, week_codes, issuer_codes)[0]), min(n_weeks, n_issuers)),
    }
    rows = []
    for place, name in enumerate(names):
        row: dict[str, object] = {
            "term": name,
            "estimate": float(fit.params[place]),
            "n_events": y.size,
            "n_weeks": n_weeks,
            "n_issuers": n_issuers,
            "r_squared": float(fit.rsquared),
        }
        for way, (variance, clusters) in variances.items():
            usable = clusters >= MINIMUM_CLUSTERS and variance[place] > 0
            error = np.sqrt(variance[place]) if usable else np.nan
            row[f"se_{way}"] = float(error)
            row[f"t_{way}"] = float(fit.params[place] / error)
            row[f"p_{way}"] = float(two_sided(fit.params[place] / error, clusters - 1))
        rows.append(row)
    return rows


def fama_macbeth(y: Floats, x: Floats, months: Integers, horizon: int) -> list[dict[str, float]]:
    """The mean of monthly cross-sections' coefficients, with the error of Newey and West over the months; one row a term.

    A month with too few events, or in which a term does not vary, has no coefficients. The lag is the months that a window
    reaches into.
    """
    lag = -(-horizon // SESSIONS_PER_MONTH)
    terms_count = x.shape[1]
    if not y.size:
        return [{"fm_estimate": np.nan, "fm_t": np.nan, "fm_p": np.nan, "fm_months": 0}] * terms_count
    coefficients = np.full((int(months.max() - months.min()) + 1, terms_count), np.nan)
    order = np.argsort(months, kind="stable")
    for chosen in np.split(order, np.flatnonzero(np.diff(months[order])) + 1):
        month = x[chosen]
        if chosen.size >= terms_count + SPARE_EVENTS and np.linalg.matrix_rank(month) == terms_count:
            coefficients[months[chosen[0]] - months.min()] = np.linalg.lstsq(month, y[chosen])[0]
    rows = []
    for place in range(terms_count):
        test = estimators.newey_west(coefficients[:, place], lag)
        rows.append(
            {
                "fm_estimate": test.mean,
                "fm_t": test.t,
                "fm_p": test.p,
                "fm_months": int(np.isfinite(coefficients[:, place]).sum()),
            }
        )
    return rows
