"""How good the model can get: the learning curve, its forecast, and when to stop judging."""

from collections.abc import Mapping
from typing import Any

import altair as alt
import pandas as pd
import streamlit as st

from app.charts import Layers, upright, with_numbers
from app.lab.marks import heading, points, show_rows
from app.language import N_, _, _n, number
from app.reward_charts import ACCENT, GREY

Card = Mapping[str, Any]
NO_CURVE = N_("A learning curve will stand here once there are rankings of at least 12 prompts.")


def learning_frame(block: Mapping[str, Any]) -> pd.DataFrame:
    """The curve. Columns: `Rankings, Prompts, Accuracy, Lower end, Upper end` (0 to 1)."""
    rows = [(p["n"], p["n_prompts"], p["accuracy"], p["low"], p["high"]) for p in block["points"]]
    return pd.DataFrame(rows, columns=[N_("Rankings"), N_("Prompts"), N_("Accuracy"), N_("Lower end"), N_("Upper end")])


def forecast_frame(block: Mapping[str, Any]) -> pd.DataFrame:
    """Where the curve may go on, from its last point: the same columns; empty where nothing can be forecast."""
    last, total = block["points"][-1], block.get("total", block["points"][-1]["n"])
    told = [one for one in (block.get("forecast"), block.get("doubling")) if one]
    rows = [(last["n"], last["accuracy"], last["accuracy"], last["accuracy"])] if told else []
    for one in sorted(told, key=lambda one: int(one["more"])):
        middle = last["accuracy"] + one["gain"]
        rows.append((total + one["more"], middle, middle - one["half"], min(middle + one["half"], 1.0)))
    return pd.DataFrame(rows, columns=["Rankings", "Accuracy", "Lower end", "Upper end"])


def forecast_words(block: Mapping[str, Any]) -> str:
    """What some more rankings would bring, as the title of the chart."""
    one = block.get("forecast")
    if not one:
        return _("How good can it get? These rankings are too few to forecast.")
    said = {"gain": points(one["gain"]), "half": number(100 * one["half"], 1)}
    return _n(
        "{n} more ranking: about {gain} ± {half} points", "{n} more rankings: about {gain} ± {half} points",
        one["more"], **said,
    )  # fmt: skip


def stop_words(block: Mapping[str, Any]) -> str:
    """Whether to go on judging, and why, in words."""
    doubling, least = block.get("doubling"), number(100 * block.get("threshold", 0.01), 1)
    if block.get("why") == "ceiling":
        return _(
            "Enough: the model agrees with people as often as they agree with each other. More of the same rankings "
            "will not make it better; a clearer guideline may."
        )
    if block.get("stop"):
        return _("Enough: even twice as many rankings would surely gain less than {least} points.", least=least)
    if not doubling:
        return _("Go on: there is no forecast yet that could say stop.")
    said = {"gain": points(doubling["gain"]), "half": number(100 * doubling["half"], 1), "least": least}
    return _(
        "Go on: twice as many rankings would bring about {gain} ± {half} points. It is enough when they would surely "
        "gain less than {least} points.",
        **said,
    )


def learning_chart(card: Card) -> Layers:
    """Accuracy by the number of rankings with its band, the forecast dashed, length's line dashed, people's dotted."""
    curve, ahead = learning_frame(card["learning"]), forecast_frame(card["learning"])
    x = alt.X("Rankings:Q", title=_("Rankings fitted on"), axis=alt.Axis(format=",.0f", tickCount=5))
    scale = alt.Scale(zero=False, nice=True)
    y = alt.Y(
        "Accuracy:Q",
        title=upright(_("Accuracy on unseen prompts")),
        scale=scale,
        axis=alt.Axis(format=".0%", tickCount=5),
    )
    tips = [alt.Tooltip("Rankings", format=",", title=_("Rankings"))]
    tips += [alt.Tooltip(n, format=".1%", title=_(n)) for n in ("Accuracy", "Lower end", "Upper end")]
    layers = [*_grounds(card), *_bands(curve, x, 0.22), *_bands(ahead, x, 0.1)]
    layers.append(alt.Chart(curve).mark_line(color=ACCENT).encode(x=x, y=y))
    layers.append(alt.Chart(ahead).mark_line(color=ACCENT, strokeDash=[4, 4]).encode(x=x, y=y))
    both = pd.concat([curve, ahead.iloc[1:]])
    layers.append(alt.Chart(both).mark_circle(color=ACCENT, size=60, opacity=1).encode(x=x, y=y, tooltip=tips))
    title = heading(forecast_words(card["learning"]))
    return with_numbers(alt.layer(*layers).properties(title=title, height=260))


def _bands(frame: pd.DataFrame, x: alt.X, opacity: float) -> list[alt.Chart]:
    band = alt.Chart(frame).mark_area(color=ACCENT, opacity=opacity)
    return [band.encode(x=x, y=alt.Y("Lower end:Q"), y2="Upper end:Q")]


def _grounds(card: Card) -> list[alt.Chart]:
    ceiling = card.get("human_ceiling")
    lines = [(card["metrics"]["longer_wins"], [6, 4], _("Longer wins"))]
    lines += [(ceiling["accuracy"], [2, 3], _("Two people agree"))] if ceiling else []
    found = []
    for at, dash, label in lines:
        base = alt.Chart(pd.DataFrame({"at": [at], "label": [label]})).encode(y="at:Q")
        found.append(base.mark_rule(color=GREY, strokeDash=dash))
        name = base.mark_text(color=GREY, align="right", dy=-8, dx=-4, fontSize=11)
        found.append(name.encode(x=alt.value("width"), text="label:N"))
    return found


def show_learning(card: Card) -> None:
    """The curve with its forecast, and the rule for stopping in words."""
    if "learning" not in card:
        return
    if not card["learning"]:
        st.caption(_(NO_CURVE))
        return
    st.altair_chart(learning_chart(card), alt=forecast_words(card["learning"]))
    st.write(stop_words(card["learning"]))
    both = pd.concat([learning_frame(card["learning"]), forecast_frame(card["learning"]).iloc[1:]])
    show_rows(both, ("Accuracy", "Lower end", "Upper end"))
