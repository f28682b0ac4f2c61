"""Reward model: is it a reward model or a ruler, how good can it get."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.fitting import Fit, fits
from app.language import N_, _, _n, date, number, percent
from app.reward_charts import (
    accuracies,
    accuracy_chart,
    finding,
    reliability_chart,
    reliability_frame,
    strongest_frame,
    weights_chart,
)
from app.session import person, project, store
from data.schemas import Project, StoredModel
from rankers.pairs import FLAG_POLICIES, WEIGHTINGS, PairRules, Policy, Weight

LOG_LOSS_HELP = N_(
    "How surprised the model is by what people chose, on prompts it was not fitted on: 0 is never, 0.693 is tossing a "
    "coin. Sure and wrong costs most. A tie counts half each way."
)
BRIER_HELP = N_(
    "The mean squared distance between the model's probability and what people chose: 0 is perfect, tossing a coin has "
    "{coin} on these pairs. A tie counts half each way, and a coin is right about it."
)
ACCURACY_HELP = N_(
    "The share of pairs that the model puts in the order people chose, on prompts it was not fitted on. Ties do not "
    "count."
)
PROMPTS_HELP = N_("Prompts that open alike count as one. No number comes from a prompt that was fitted on.")
INTERVAL_HELP = N_("Where the accuracy would fall, 19 times of 20, if other prompts like these had been drawn.")
COIN = math.log(2)
here, state = project(), st.session_state


def start_fit(into: Project) -> None:
    rules = PairRules(state["reward_weighting"], state["reward_flags"])
    state["reward_mine"] = fits().start(store(), into, rules, person().name)


def stop_fit(fit: Fit) -> None:
    fit.stop()


@st.fragment(run_every=0.5)
def show_progress(fit: Fit) -> None:
    if not fit.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(fit.share(), _("Stopping") if fit.stopped else fit.words())
        st.button(_("Cancel"), key="reward_cancel", on_click=stop_fit, args=(fit,), disabled=fit.stopped)


def show_outcome(fit: Fit) -> None:
    if fit.error:
        st.error(_(fit.error))
    elif fit.version is not None:
        st.success(_("Version {n} is fitted and stored.", n=fit.version))
    else:
        st.info(_("The fit was cancelled. Nothing was stored."))


def as_on_preferences(options: Sequence[str], key: str) -> int:
    return options.index(state.get(key, options[0]))


def show_fit(into: Project, has_models: bool) -> None:
    fit = fits().of(into.id)
    if fit and fit.running:
        show_progress(fit)
        return
    if fit and fit == state.get("reward_mine"):
        show_outcome(fit)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Fit a new version") if has_models else _("Fit model"),
            type="primary",
            key="reward_fit",
            on_click=start_fit,
            args=(into,),
        )
        with st.popover(_("Choices")):
            choose_rule(_("What a pair of a long ranking weighs"), WEIGHTINGS, "weighting")
            choose_rule(_("What a flag does to pairs"), FLAG_POLICIES, "flags")


def choose_rule(label: str, rules: Mapping[Any, Weight] | Mapping[Any, Policy], name: str) -> None:
    options = list(rules)
    st.selectbox(
        label,
        options,
        as_on_preferences(options, f"preferences_{name}"),
        format_func=_,
        key=f"reward_{name}",
        persist_state="session",
        help="\n\n".join(f"**{_(option)}**: {_(rule.says)}" for option, rule in rules.items()),
    )


def chosen_version(models: Sequence[StoredModel]) -> StoredModel:
    if len(models) == 1:
        return models[0]
    by_number = {model.version: model for model in models}
    if state.get("reward_version") not in by_number:
        state["reward_version"] = models[0].version
    return by_number[
        st.selectbox(
            _("Version"),
            list(by_number),
            format_func=lambda n: _("Version {n}, {date} UTC", n=n, date=date(by_number[n].created_at)),
            key="reward_version",
            persist_state="session",
            width=360,
        )
    ]


def coin_brier(found: Mapping[str, Any]) -> float:
    return 0.25 * (1 - float(found["n_ties"] / found["n_pairs"]))


def show_numbers(found: Mapping[str, Any]) -> None:
    low, high = found["accuracy_ci"]
    with st.grid(min_column_width=150):
        st.metric(_("Held-out accuracy"), percent(found["accuracy"], 1), help=_(ACCURACY_HELP))
        st.metric(_("95 % interval"), f"{number(100 * low)}–{percent(high)}", help=_(INTERVAL_HELP))
        st.metric(_("Log-loss"), number(found["log_loss"], 3), help=_(LOG_LOSS_HELP))
        coin = number(coin_brier(found), 3)
        st.metric(_("Brier score"), number(found["brier"], 3), help=_(BRIER_HELP, coin=coin))
        ties = _n("{n} of them is a tie.", "{n} of them are ties.", found["n_ties"])
        st.metric(_("Pairs"), number(found["n_pairs"]), help=ties)
        st.metric(_("Prompts"), number(found["n_groups"]), help=_(PROMPTS_HELP))


def show_answer(card: Mapping[str, Any]) -> None:
    st.subheader(finding(card))
    st.altair_chart(accuracy_chart(card), alt=finding(card))
    show_numbers(card["metrics"])
    if card["metrics"]["log_loss"] >= COIN:
        st.caption(
            _(
                "The log-loss is no better than that of tossing a coin, 0.693. Trust the model's order before its "
                "probabilities; judgements on more prompts help most."
            )
        )
    if not card.get("human_ceiling"):
        st.caption(_("How often two people agree will stand here once two people have judged the same answers."))
    with st.expander(_("Numbers behind the chart")):
        names = {"what": "", "accuracy": _("Accuracy"), "low": _("Lower end"), "high": _("Upper end")}
        columns = percent_columns("Accuracy", "Lower end", "Upper end")
        st.dataframe(accuracies(card).rename(columns=names), hide_index=True, column_config=columns)


def percent_columns(*names: str) -> dict[str, Any]:
    return {_(name): st.column_config.NumberColumn(format="percent") for name in names}


def show_reliability(card: Mapping[str, Any]) -> None:
    st.write(
        _(
            "A point on the dotted line means that the model's probability is right: of the pairs to which it gives "
            "70 %, its favourite wins 70 %. The numbers count pairs. Below the line it is too sure, above it too "
            "modest."
        )
    )
    alt = _("How often the favourite won, by the probability given to it")
    st.altair_chart(reliability_chart(card), alt=alt, width=640)
    with st.expander(_("Numbers behind the chart")):
        frame = reliability_frame(card).rename(columns=_)
        st.dataframe(frame, hide_index=True, column_config=percent_columns("Said", "Was"))


def show_weights(card: Mapping[str, Any]) -> None:
    st.write(
        _(
            "How far each feature moves the scores of two answers apart, on average over the pairs. What adds stands "
            "to the right, what takes away to the left. Features that say the same share their weight between them."
        )
    )
    charts = {"surface": _("Length, structure and style"), "ngrams": _("Words and letters")}
    for column, (kind, title) in zip(st.columns(2), charts.items(), strict=True):
        frame = strongest_frame(card, kind)
        if frame.empty:
            column.caption(_("{kind}: this model does not use them. They did not help on unseen prompts.", kind=title))
            continue
        column.altair_chart(weights_chart(frame, title, _("Mean shift (logits)")), alt=title)
    with st.expander(_("Numbers behind the charts")):
        both = pd.concat([strongest_frame(card, kind) for kind in charts])
        st.dataframe(both.assign(Direction=both["Direction"].map(_)).rename(columns=_), hide_index=True)
        st.caption(
            _(
                "Words and letters are hashed into columns. “Also” lists others that fall into the same column; the "
                "most frequent gives its name."
            )
        )


def show_versions(models: Sequence[StoredModel]) -> None:
    rows = [version_row(model) for model in models]
    when = st.column_config.DatetimeColumn(format="YYYY-MM-DD HH:mm", timezone=st.context.timezone)
    shares = percent_columns("Accuracy", "Longer wins", "Two people agree")
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config={_("Fitted"): when} | shares)
    st.caption(_("Versions with the same fingerprint were fitted on the same pairs."))


def version_row(model: StoredModel) -> dict[str, Any]:
    found, ceiling = model.card["metrics"], model.card.get("human_ceiling")
    return {
        _("Version"): model.version,
        _("Fitted"): model.created_at,
        _("By"): model.created_by,
        _("Judgements"): model.card.get("judgements"),
        _("Pairs"): found["n_pairs"],
        _("Ties"): found["n_ties"],
        _("Prompts"): found["n_groups"],
        _("Accuracy"): found["accuracy"],
        _("Longer wins"): found["longer_wins"],
        _("Two people agree"): ceiling["accuracy"] if ceiling else None,
        _("Log-loss"): round(found["log_loss"], 4),
        _("Fingerprint"): model.card["data"]["fingerprint"],
    }


def show_model(models: Sequence[StoredModel]) -> None:
    model = chosen_version(models)
    show_answer(model.card)
    labels = [_("Probabilities"), _("What weighs most"), _("Versions ({n})", n=len(models))]
    reliability, weights, versions = st.tabs(labels)
    with reliability:
        show_reliability(model.card)
    with weights:
        show_weights(model.card)
    with versions:
        show_versions(models)
        st.download_button(
            _("Download card of version {n}", n=model.version),
            lambda: json.dumps({"version": model.version} | dict(model.card), ensure_ascii=False, indent=1),
            f"reward-model-{model.version}-card.json",
            "application/json",
            key="reward_card",
            on_click="ignore",
        )


def show_reward_model() -> None:
    st.title(_("Reward model"))
    if here is None:
        st.write(_("A model that scores answers will appear here as soon as there is a project with judgements."))
        if person().role == "lead":
            st.page_link("screens/data.py", label=_("Load file"))
        return
    models = store().models(here.id)
    if models:
        show_model(models)
    else:
        st.write(
            _(
                "No model has been fitted yet. Fit one on the rankings so far, and you see here how well it predicts "
                "people on prompts it has not seen, whether it does more than prefer long answers, and what it weighs."
            )
        )
    show_fit(here, bool(models))


show_reward_model()
