"""Reward model: is it a reward model or a ruler, how good can it get."""

import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd
import streamlit as st

from app.fitting import Fit, fits
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
from rankers.pairs import FLAG_POLICIES, WEIGHTINGS, PairRules

LOG_LOSS_HELP = (
    "How surprised the model is by what people chose, on prompts it was not fitted on: 0 is never, 0.693 is tossing a "
    "coin. Sure and wrong costs most. A tie counts half each way."
)
BRIER_HELP = (
    "The mean squared distance between the model's probability and what people chose: 0 is perfect, tossing a coin has "
    "{coin:.3f} on these pairs. A tie counts half each way, and a coin is right about it."
)
ACCURACY_HELP = (
    "The share of pairs that the model puts in the order people chose, on prompts it was not fitted on. Ties do not "
    "count."
)
PROMPTS_HELP = "Prompts that open alike count as one. No number comes from a prompt that was fitted on."
INTERVAL_HELP = "Where the accuracy would fall, 19 times of 20, if other prompts like these had been drawn."
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
        st.progress(fit.share(), "Stopping" if fit.stopped else fit.words())
        st.button("Cancel", key="reward_cancel", on_click=stop_fit, args=(fit,), disabled=fit.stopped)


def show_outcome(fit: Fit) -> None:
    if fit.error:
        st.error(fit.error)
    elif fit.version is not None:
        st.success(f"Version {fit.version} is fitted and stored.")
    else:
        st.info("The fit was cancelled. Nothing was stored.")


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
            "Fit a new version" if has_models else "Fit model",
            type="primary",
            key="reward_fit",
            on_click=start_fit,
            args=(into,),
        )
        with st.popover("Choices"):
            st.selectbox(
                "What a pair of a long ranking weighs",
                list(WEIGHTINGS),
                as_on_preferences(list(WEIGHTINGS), "preferences_weighting"),
                key="reward_weighting",
                persist_state="session",
                help="\n\n".join(f"**{name}**: {rule.says}" for name, rule in WEIGHTINGS.items()),
            )
            st.selectbox(
                "What a flag does to pairs",
                list(FLAG_POLICIES),
                as_on_preferences(list(FLAG_POLICIES), "preferences_flags"),
                key="reward_flags",
                persist_state="session",
                help="\n\n".join(f"**{name}**: {rule.says}" for name, rule in FLAG_POLICIES.items()),
            )


def chosen_version(models: Sequence[StoredModel]) -> StoredModel:
    if len(models) == 1:
        return models[0]
    by_number = {model.version: model for model in models}
    if state.get("reward_version") not in by_number:
        state["reward_version"] = models[0].version
    return by_number[
        st.selectbox(
            "Version",
            list(by_number),
            format_func=lambda n: f"Version {n}, {by_number[n].created_at:%d %b %Y %H:%M} UTC",
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
        st.metric("Held-out accuracy", f"{found['accuracy']:.1%}", help=ACCURACY_HELP)
        st.metric("95 % interval", f"{100 * low:.0f}–{high:.0%}", help=INTERVAL_HELP)
        st.metric("Log-loss", f"{found['log_loss']:.3f}", help=LOG_LOSS_HELP)
        st.metric("Brier score", f"{found['brier']:.3f}", help=BRIER_HELP.format(coin=coin_brier(found)))
        st.metric("Pairs", f"{found['n_pairs']:,}", help=f"{found['n_ties']:,} of them are ties.")
        st.metric("Prompts", f"{found['n_groups']:,}", help=PROMPTS_HELP)


def show_answer(card: Mapping[str, Any]) -> None:
    st.subheader(finding(card))
    st.altair_chart(accuracy_chart(card), alt=finding(card))
    show_numbers(card["metrics"])
    if card["metrics"]["log_loss"] >= COIN:
        st.caption(
            "The log-loss is no better than that of tossing a coin, 0.693. Trust the model's order before its "
            "probabilities; judgements on more prompts help most."
        )
    if not card.get("human_ceiling"):
        st.caption("How often two people agree will stand here once two people have judged the same answers.")
    with st.expander("Numbers behind the chart"):
        st.dataframe(accuracies(card), hide_index=True, column_config=percent_columns("accuracy", "low", "high"))


def percent_columns(*names: str) -> dict[str, Any]:
    return {name: st.column_config.NumberColumn(format="percent") for name in names}


def show_reliability(card: Mapping[str, Any]) -> None:
    st.write(
        "A point on the dotted line means that the model's probability is right: of the pairs to which it gives 70 %, "
        "its favourite wins 70 %. The numbers count pairs. Below the line it is too sure, above it too modest."
    )
    st.altair_chart(
        reliability_chart(card), alt="How often the favourite won, by the probability given to it", width=640
    )
    with st.expander("Numbers behind the chart"):
        st.dataframe(reliability_frame(card), hide_index=True, column_config=percent_columns("Said", "Was"))


def show_weights(card: Mapping[str, Any]) -> None:
    st.write(
        "How far each feature moves the scores of two answers apart, on average over the pairs. What adds stands to "
        "the right, what takes away to the left. Features that say the same share their weight between them."
    )
    charts = {"surface": "Length, structure and style", "ngrams": "Words and letters"}
    for column, (kind, title) in zip(st.columns(2), charts.items(), strict=True):
        frame = strongest_frame(card, kind)
        if frame.empty:
            column.caption(f"{title}: this model does not use them. They did not help on unseen prompts.")
            continue
        column.altair_chart(weights_chart(frame, title, "Mean shift (logits)"), alt=title)
    with st.expander("Numbers behind the charts"):
        both = [strongest_frame(card, kind) for kind in charts]
        st.dataframe(pd.concat(both), hide_index=True)
        st.caption(
            "Words and letters are hashed into columns. “Also” lists others that fall into the same column; the most "
            "frequent gives its name."
        )


def show_versions(models: Sequence[StoredModel]) -> None:
    rows = [version_row(model) for model in models]
    when = st.column_config.DatetimeColumn(format="D MMM YYYY, HH:mm", timezone=st.context.timezone)
    shares = percent_columns("Accuracy", "Longer wins", "Two people agree")
    st.dataframe(pd.DataFrame(rows), hide_index=True, column_config={"Fitted": when} | shares)
    st.caption("Versions with the same fingerprint were fitted on the same pairs.")


def version_row(model: StoredModel) -> dict[str, Any]:
    found, ceiling = model.card["metrics"], model.card.get("human_ceiling")
    return {
        "Version": model.version,
        "Fitted": model.created_at,
        "By": model.created_by,
        "Judgements": model.card.get("judgements"),
        "Pairs": found["n_pairs"],
        "Ties": found["n_ties"],
        "Prompts": found["n_groups"],
        "Accuracy": found["accuracy"],
        "Longer wins": found["longer_wins"],
        "Two people agree": ceiling["accuracy"] if ceiling else None,
        "Log-loss": round(found["log_loss"], 4),
        "Fingerprint": model.card["data"]["fingerprint"],
    }


def show_model(models: Sequence[StoredModel]) -> None:
    model = chosen_version(models)
    show_answer(model.card)
    reliability, weights, versions = st.tabs(["Probabilities", "What weighs most", f"Versions ({len(models)})"])
    with reliability:
        show_reliability(model.card)
    with weights:
        show_weights(model.card)
    with versions:
        show_versions(models)
        st.download_button(
            f"Download card of version {model.version}",
            lambda: json.dumps({"version": model.version} | dict(model.card), ensure_ascii=False, indent=1),
            f"reward-model-{model.version}-card.json",
            "application/json",
            key="reward_card",
            on_click="ignore",
        )


def show_reward_model() -> None:
    st.title("Reward model")
    if here is None:
        st.write("A model that scores answers will appear here as soon as there is a project with judgements.")
        if person().role == "lead":
            st.page_link("screens/data.py", label="Load file")
        return
    models = store().models(here.id)
    if models:
        show_model(models)
    else:
        st.write(
            "No model has been fitted yet. Fit one on the rankings so far, and you see here how well it predicts "
            "people on prompts it has not seen, whether it does more than prefer long answers, and what it weighs."
        )
    show_fit(here, bool(models))


show_reward_model()
