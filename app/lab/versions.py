"""Versions side by side, each tested against the one before on the held-out pairs that both have."""

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

import pandas as pd
import streamlit as st

from app import session
from app.lab.marks import half, interval, points
from app.language import N_, _, _n, number, percent
from data.errors import InputError
from data.schemas import Project, StoredModel
from reward_model.comparison import BETTER, CANNOT_TELL, NOTHING_COMMON, WORSE, compared
from reward_model.model import model_from

MOST_TESTED = 10
"""So many of the newest versions are tested against the one before them."""
WORDS = {
    BETTER: N_("better"),
    WORSE: N_("worse"),
    CANNOT_TELL: N_("cannot tell"),
    NOTHING_COMMON: N_("no common pairs"),
}
VERDICTS = {
    BETTER: N_("The newer version is right more often on the pairs that both have held out."),
    WORSE: N_("The newer version is right less often on the pairs that both have held out."),
    CANNOT_TELL: N_("The pairs that both versions have held out cannot tell which is right more often."),
    NOTHING_COMMON: N_("The two versions have no pair in common, so they cannot be compared pair by pair."),
}
"""Verdict → a sentence, as `reward_model.comparison.SAYS` has it."""
RED = "#D55E00"
AGAINST = N_("Against the one before")
SHOWN = {
    "accuracy": N_("Held-out accuracy"),
    "longer_wins": N_("Longer wins"),
    "surface_only": N_("Surface only"),
    "log_loss": N_("Log-loss"),
    "brier": N_("Brier score"),
    "ece": N_("Calibration error"),
}
SHARES_OF_TABLE = ("Accuracy", "Longer wins", "Two people agree")
SHARES = ("accuracy", "longer_wins", "surface_only", "ece")


@st.cache_data(show_spinner=False, max_entries=200)
def tested(project_id: int, before: int, after: int) -> Mapping[str, Any] | str:
    """The paired test of two versions; a sentence where one of them cannot be read."""
    held_out = []
    cards = {model.version: model.card for model in session.store().models(project_id)}
    for version in (before, after):
        try:
            held_out.append(model_from(cards[version], session.store().model_weights(project_id, version)).held_out)
        except InputError as error:
            return str(error)
    return compared(*held_out)


def short_verdict(found: Mapping[str, Any] | str) -> str:
    """The outcome of a paired test in a cell: “−3.2 ± 1.0 points: worse”."""
    if isinstance(found, str):
        return _("cannot be compared")
    if found["accuracy"] is None:
        return _(WORDS[NOTHING_COMMON])
    gain = found["accuracy"]
    said = {"gain": points(gain["difference"]), "half": half(gain["ci"]), "verdict": _(WORDS[found["verdict"]])}
    return _("{gain} ± {half} points: {verdict}", **said)


def is_drop(found: Mapping[str, Any] | str) -> bool:
    """Whether the newer of two versions is surely worse."""
    return not isinstance(found, str) and found["verdict"] == WORSE


def versions_frame(models: Sequence[StoredModel], against: Mapping[int, Mapping[str, Any] | str]) -> pd.DataFrame:
    """One row a version; `against` holds the test of a version against the one before."""
    return pd.DataFrame([_row(model, against.get(model.version)) for model in models]).dropna(axis=1, how="all")


def _row(model: StoredModel, test: Mapping[str, Any] | str | None) -> dict[str, Any]:
    found, ceiling = model.card["metrics"], model.card.get("human_ceiling")
    return {
        _("Version"): model.version,
        _("Accuracy"): round(found["accuracy"], 3),
        _(AGAINST): "" if test is None else short_verdict(test),
        _("Longer wins"): round(found["longer_wins"], 3),
        _("Two people agree"): round(ceiling["accuracy"], 3) if ceiling else None,
        _("Log-loss"): found["log_loss"],
        _("Fitted"): model.created_at,
        _("By"): model.created_by,
        _("Judgements"): model.card.get("judgements"),
        _("Pairs"): found["n_pairs"],
        _("Ties"): found["n_ties"],
        _("Prompts"): found["n_groups"],
        _("Fingerprint"): model.card["data"]["fingerprint"],
    }


def side_by_side(before: StoredModel, after: StoredModel) -> pd.DataFrame:
    """The figures of two versions, each on all of its own held-out pairs, with intervals."""
    both = [before.card["metrics"], after.card["metrics"]]
    rows = [
        [_(label), *(_figure(found, name) for found in both)]
        for name, label in SHOWN.items()
        if any(name in found for found in both)
    ]
    rows.append([_("Pairs"), *(number(found["n_pairs"]) for found in both)])
    names = [_("Version {n}", n=model.version) for model in (before, after)]
    return pd.DataFrame(rows, columns=[" ", *names])


def _figure(found: Mapping[str, Any], name: str) -> str:
    if name not in found:
        return "–"
    ends, is_share, digits = found.get(f"{name}_ci"), name in SHARES, int(name == "ece")
    value = percent(found[name], 1) if is_share else number(found[name], 3)
    if not ends:
        return value
    return f"{value} ({interval(ends, digits) if is_share else f'{number(ends[0], 3)}–{number(ends[1], 3)}'})"


def show_versions(models: Sequence[StoredModel], into: Project) -> None:
    """The table of versions, surely worse ones in red and in words, and two of them side by side."""
    with st.spinner(_("Comparing versions")):
        newest = list(pairwise(models))[:MOST_TESTED]
        against = {new.version: tested(into.id, old.version, new.version) for new, old in newest}
    frame = versions_frame(models, against)
    drops = [model.version for model in models if model.version in against and is_drop(against[model.version])]
    shares = {_(n): st.column_config.NumberColumn(format="percent") for n in SHARES_OF_TABLE}
    shares[_("Log-loss")] = st.column_config.NumberColumn(format="%.3f")
    shares[_(AGAINST)] = st.column_config.TextColumn(width=280)
    shares |= {
        _(n): st.column_config.NumberColumn(format="localized") for n in ("Judgements", "Pairs", "Ties", "Prompts")
    }
    when = st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone=st.context.timezone)
    styled = frame.style.apply(lambda row: _red(row, drops), axis=1)
    st.dataframe(styled, hide_index=True, column_config={_("Fitted"): when} | shares)
    st.caption(_("Versions with the same fingerprint were fitted on the same pairs."))
    if len(models) > 1:
        _show_two(models, into)


def _red(row: "pd.Series[Any]", drops: Sequence[int]) -> list[str]:
    worse = row[_("Version")] in drops
    return [f"color: {RED}; font-weight: 600" if worse and name == _(AGAINST) else "" for name in row.index]


def _show_two(models: Sequence[StoredModel], into: Project) -> None:
    by_number = {model.version: model for model in models}
    numbers, named = list(by_number), lambda n: _("Version {n}", n=n)
    with st.container(horizontal=True):
        before = st.selectbox(_("Compare"), numbers, 1, format_func=named, key=f"reward_before_{numbers[0]}", width=200)
        after = st.selectbox(_("with"), numbers, 0, format_func=named, key=f"reward_after_{numbers[0]}", width=200)
    if before == after:
        st.caption(_("Choose two different versions."))
        return
    before, after = sorted((before, after))
    _show_verdict(tested(into.id, before, after))
    st.dataframe(side_by_side(by_number[before], by_number[after]), hide_index=True)


def _show_verdict(found: Mapping[str, Any] | str) -> None:
    if isinstance(found, str):
        st.info(_(found))
        return
    said = _(VERDICTS[found["verdict"]])
    if gain := found["accuracy"]:
        values = {"gain": points(gain["difference"]), "half": half(gain["ci"]), "p": number(gain["p"], 3)}
        said += " " + _n(
            "{gain} ± {half} points on {n} pair of {prompts} prompts (p = {p}).",
            "{gain} ± {half} points on {n} pairs of {prompts} prompts (p = {p}).",
            found["n_decided"],
            prompts=number(found["n_prompts"]),
            **values,
        )
    {WORSE: st.error, BETTER: st.success}.get(found["verdict"], st.info)(said)
