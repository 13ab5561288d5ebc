"""The published marts as a marimo notebook: ``marimo edit notebooks/insider_signal.py``, or run it as a script."""

import marimo

__generated_with = "0.25.2"
app = marimo.App(width="medium", app_title="Insider signal")


@app.cell
def _():
    from pathlib import Path

    import duckdb
    import marimo as mo

    from explain import issuer
    from runner.settings import PROJECT, Files

    published = Files.in_folder(PROJECT).published
    if not published.exists():
        # The demo's file, where there is no run of your own.
        published = Path(PROJECT, "demo", "insider_marts.duckdb")
    marts = duckdb.connect(str(published), read_only=True)
    return issuer, marts, mo, published


@app.cell
def _(marts, mo, published):
    ((as_of,),) = marts.execute("select max(as_of_date) from marts.load_completeness").fetchall()
    sources = marts.sql(
        "select source, complete_through, days_behind, is_source_behind from marts.source_status order by source"
    ).df()
    mo.vstack(
        [mo.md(f"# Insider signal as of {as_of}\n\n`{published.name}`"), mo.ui.table(sources, selection=None)]
    )
    return (as_of,)


@app.cell
def _(as_of, marts, mo):
    ((first_day,),) = marts.execute("select min(signal_date) from marts.issuer_scores").fetchall()
    day = mo.ui.date(value=as_of, start=first_day, stop=as_of, label="ranking of")
    day
    return (day,)


@app.cell
def _(day, marts, mo):
    ranking = marts.execute(
        "select rank, ticker, issuer_name, market, round(score, 2) as score, round(total_buy_value) as bought, distinct_buyers,"
        " last_buy_date, tradable_on, source, issuer_id from marts.signal_as_of($day) order by rank",
        {"day": day.value},
    ).df()
    chosen = mo.ui.table(
        ranking, selection="single", initial_selection=[0] if len(ranking) else None, page_size=15
    )
    chosen
    return chosen, ranking


@app.cell
def _(chosen, day, issuer, marts, mo):
    mo.stop(chosen.value.empty, mo.md("Choose an issuer."))
    row = chosen.value.iloc[0]
    answer = issuer(marts, row["issuer_id"], day.value, row["source"])
    terms = [
        {"points": round(term["points"], 3), "weight": term["weight"], "of": term["input"]}
        for term in answer["score"]["terms"]
    ]
    changes = [
        {
            "it": step["effect"],
            "if": step["what"],
            "rank": step["rank"],
            "change": step["change"] and round(step["change"], 3),
        }
        for step in answer["what_would_change_it"]
    ]
    mo.vstack(
        [
            mo.md("## Why, and what would change it"),
            mo.ui.table(terms, selection=None),
            mo.ui.table(changes, selection=None),
        ]
    )
    return (answer,)


@app.cell
def _(answer, mo):
    lines = [
        {
            "line": line["transaction_id"],
            "verdict": line["verdict"],
            "insider": line["insider"]["insider_name"],
            "role": line["role"]["role"],
            "traded": line["times"]["transaction_date"],
            "available": line["times"]["available_at"],
            "value": line["amounts"]["value_base"],
        }
        for line in answer["lines"]
    ]
    mo.ui.table(lines, selection=None)
    return


@app.cell
def _(chosen, marts, mo):
    import altair as alt

    history = marts.execute(
        "select signal_date, score, rank from marts.issuer_scores where source = $source and issuer_id = $issuer_id order by signal_date",
        {"source": chosen.value.iloc[0]["source"], "issuer_id": chosen.value.iloc[0]["issuer_id"]},
    ).df()
    chart = (
        alt.Chart(history)
        .mark_line(interpolate="step-after", point=True)
        .encode(x="signal_date:T", y="score:Q", tooltip=["signal_date:T", "score", "rank"])
    )
    mo.ui.altair_chart(chart)
    return


if __name__ == "__main__":
    app.run()
