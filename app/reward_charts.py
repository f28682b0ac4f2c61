"""The charts of the Reward model and Try it pages, and the sentences that say what they find."""

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

import altair as alt
import pandas as pd

from app.charts import Layers, upright, with_numbers
from app.colours import VERMILION
from app.language import N_, _, number, percent, signed
from app.reasons import ADDS, TAKES, feature_name

GREY, ACCENT = "#808890", "#2E8BD0"
"""The second is Okabe and Ito's blue, lighter, so that it reads on light and dark ground."""
RULERS = {
    "longer_wins": N_("Longer wins"),
    "position_only": N_("Shown first wins"),
    "markdown_only": N_("Markdown only"),
    "surface_only": N_("Surface only"),
    "accuracy": N_("This model"),
}
"""Figure of a card → what people read for it, in the order of the chart; the model comes last."""
FEWEST_PLACES = 100
"""Fewer pairs whose order on the screen is known say nothing of whether the one shown first wins."""
CEILING = N_("Two people agree")


def accuracies(card: Mapping[str, Any]) -> pd.DataFrame:
    """Accuracy of the model, of its rulers and of people. Columns: `what, accuracy, low, high` (0 to 1)."""
    found = card["metrics"]
    rows = [
        {"what": _(label), "accuracy": found[name], "low": found[f"{name}_ci"][0], "high": found[f"{name}_ci"][1]}
        for name, label in _rulers(found).items()
    ]
    if ceiling := card.get("human_ceiling"):
        low, high = ceiling["ci"]
        rows.append({"what": _(CEILING), "accuracy": ceiling["accuracy"], "low": low, "high": high})
    return pd.DataFrame(rows)


def _rulers(found: Mapping[str, Any]) -> dict[str, str]:
    is_known = {"position_only": found.get("position_n_pairs", 0) >= FEWEST_PLACES}
    return {name: label for name, label in RULERS.items() if name in found and is_known.get(name, True)}


def finding(card: Mapping[str, Any]) -> str:
    """The two sentences that answer whether this is a reward model or a ruler."""
    found, ceiling = card["metrics"], card.get("human_ceiling")
    said = {"ruler": percent(found["longer_wins"]), "model": percent(found["accuracy"])}
    verdict = _verdict(found["better_than"]["longer_wins"])
    if ceiling is None:
        return f"{verdict} {_('A ruler would get {ruler}, this model {model}.', **said)}"
    whole = N_("A ruler would get {ruler}, this model {model}; two people agree on {people}.")
    return f"{verdict} {_(whole, **said, people=percent(ceiling['accuracy']))}"


def not_told_apart(card: Mapping[str, Any]) -> list[str]:
    """The rulers beside length that these pairs cannot tell the model from, as people read them."""
    return [label for label, low, high in _gains(card) if low <= 0 <= high]


def beaten_by(card: Mapping[str, Any]) -> list[str]:
    """The rulers beside length that are surely right more often than the model, as people read them."""
    return [label for label, _low, high in _gains(card) if high < 0]


def _gains(card: Mapping[str, Any]) -> Iterator[tuple[str, float, float]]:
    found, gains = card["metrics"], card["metrics"]["better_than"]
    for name, label in _rulers(found).items():
        if name != "longer_wins" and name in gains:
            low, high = gains[name]["ci"]
            yield _(label), low, high


def _verdict(gain: Mapping[str, Any]) -> str:
    low, high = gain["ci"]
    by = {"by": number(100 * abs(gain["difference"])), "half": number(50 * (high - low))}
    if low > 0:
        return _("Better than length by {by} ± {half} points.", **by)
    if high < 0:
        return _("Worse than length by {by} ± {half} points.", **by)
    by["by"] = signed(100 * gain["difference"], 0)
    return _("No better than length, as far as these pairs can tell ({by} ± {half} points).", **by)


def accuracy_chart(card: Mapping[str, Any]) -> Layers:
    """Accuracy on unseen prompts with 95 % intervals, a dashed line at length's and a dotted one at people's."""
    frame = accuracies(card)
    low = min(0.45, float(frame["low"].min()) - 0.02)
    high = max(0.75, float(frame["high"].max()) + 0.04)
    y = alt.Y(
        "what:N",
        sort=list(frame["what"]),
        title=None,
        axis=alt.Axis(labelLimit=180, ticks=False, domain=False, labelFlush=False),
    )
    scale = alt.Scale(domain=[low, high], zero=False, nice=False)
    axis = alt.Axis(format=".0%", tickCount=6)
    x = alt.X("accuracy:Q", scale=scale, title=wrap(_("Accuracy on unseen prompts, 95 % interval"), 32), axis=axis)
    named = {"accuracy": _("Accuracy"), "low": _("Lower end"), "high": _("Upper end")}
    tips = [alt.Tooltip(name, format=".1%", title=title) for name, title in named.items()]
    colour = alt.condition(alt.datum.what == _(RULERS["accuracy"]), alt.value(ACCENT), alt.value(GREY))
    base = alt.Chart(frame).encode(y=y)
    bars = base.mark_rule(strokeWidth=3, opacity=0.55).encode(x=alt.X("low:Q", scale=scale), x2="high:Q", color=colour)
    points = base.mark_circle(size=110, opacity=1).encode(x=x, color=colour, tooltip=tips)
    numbers = base.mark_text(dy=-12, dx=6, align="left", fontSize=13).encode(
        x=alt.X("accuracy:Q", scale=scale), text=alt.Text("accuracy:Q", format=".1%"), color=colour
    )
    title = alt.Title(_("Is it a reward model or a ruler?"), anchor="start", offset=14)
    layers = [*_lines(frame, scale), bars, points, numbers]
    return with_numbers(alt.layer(*layers).properties(height=alt.Step(46), title=title))


def _lines(frame: pd.DataFrame, scale: alt.Scale) -> list[alt.Chart]:
    dashes = {_(RULERS["longer_wins"]): [6, 4], _(CEILING): [2, 3]}
    return [
        alt.Chart(frame[frame["what"] == what])
        .mark_rule(color=GREY, strokeDash=dash)
        .encode(x=alt.X("accuracy:Q", scale=scale))
        for what, dash in dashes.items()
        if what in set(frame["what"])
    ]


def reliability_frame(card: Mapping[str, Any]) -> pd.DataFrame:
    """The reliability bins. Columns: `Said, Was` (0 to 1), `Pairs`."""
    frame = pd.DataFrame(card["metrics"]["reliability"])
    return frame.rename(columns={"said": N_("Said"), "was": N_("Was"), "n": N_("Pairs")})[["Said", "Was", "Pairs"]]


def reliability_chart(card: Mapping[str, Any]) -> Layers:
    """How often the favourite won, by the probability given to it; the area of a point is its number of pairs."""
    frame = reliability_frame(card)
    axis = alt.Axis(format=".0%", tickCount=6)
    low = min(0.4, float(frame["Was"].min()))
    scale_y = alt.Scale(domain=[low, 1.0], zero=False)
    line = alt.Chart(pd.DataFrame({"x": [0.5, 1.0], "y": [0.5, 1.0]}))
    diagonal = line.mark_line(color=GREY, strokeDash=[2, 3]).encode(x="x:Q", y=alt.Y("y:Q", scale=scale_y))
    x = alt.X("Said:Q", title=_("Probability given to its favourite"), scale=alt.Scale(domain=[0.5, 1]), axis=axis)
    y = alt.Y("Was:Q", title=upright(_("Share of pairs its favourite won")), scale=scale_y, axis=axis)
    formats = {"Said": ".1%", "Was": ".1%", "Pairs": ","}
    tips = [alt.Tooltip(name, format=form, title=_(name)) for name, form in formats.items()]
    base = alt.Chart(frame).encode(x=x, y=y, tooltip=tips)
    points = base.mark_circle(color=ACCENT, opacity=0.9).encode(
        size=alt.Size("Pairs:Q", legend=None, scale=alt.Scale(range=[40, 500]))
    )
    joined = base.mark_line(color=ACCENT, opacity=0.5)
    counts = base.mark_text(dy=-18, fontSize=11, color=GREY).encode(text=alt.Text("Pairs:Q", format=","))
    title = alt.Title(_("Can its probabilities be believed?"), anchor="start", offset=14)
    return with_numbers(alt.layer(diagonal, joined, points, counts).properties(title=title, height=320))


def strongest_frame(card: Mapping[str, Any], kind: str, most: int = 10) -> pd.DataFrame:
    """The strongest features each way of "surface" or "ngrams". Columns: `Feature, Weight, Direction, Also`."""
    parts = sorted(card["strongest"][kind], key=lambda part: -part["weight"])
    up, down = [p for p in parts if p["weight"] > 0][:most], [p for p in parts if p["weight"] < 0][-most:]
    return pd.DataFrame(
        [
            {
                N_("Feature"): feature_name(part["family"], part["name"]),
                N_("Weight"): part["weight"],
                N_("Direction"): ADDS if part["weight"] > 0 else TAKES,
                N_("Also"): ", ".join(part["also"]),
            }
            for part in up + down
        ],
        columns=["Feature", "Weight", "Direction", "Also"],
    )


def weights_chart(frame: pd.DataFrame, title: str, what: str) -> Layers:
    """Bars to the right where a feature adds, else to the left; `frame` has Feature, Weight, Direction (and Also)."""
    y = alt.Y(
        "Feature:N", sort=None, title=None, axis=alt.Axis(labelLimit=230, ticks=False, domain=False, labelFlush=False)
    )
    x = alt.X("Weight:Q", title=what, axis=alt.Axis(tickCount=5))
    colours = alt.Scale(domain=[ADDS, TAKES], range=[ACCENT, VERMILION])
    tips = [alt.Tooltip("Feature", title=_("Feature")), alt.Tooltip("Weight", format="+.3f", title=_("Weight"))]
    tips += [alt.Tooltip("Also", title=_("Also"))] if "Also" in frame else []
    bars = (
        alt.Chart(frame)
        .mark_bar(height=12)
        .encode(x=x, y=y, color=alt.Color("Direction:N", scale=colours, legend=None), tooltip=tips)
    )
    zero = alt.Chart(pd.DataFrame({"x": [0.0]})).mark_rule(color=GREY).encode(x="x:Q")
    return with_numbers(
        alt.layer(bars, zero).properties(title=alt.Title(title, anchor="start", limit=0), height=alt.Step(20))
    )
