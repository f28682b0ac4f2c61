"""Reward model: is it a reward model or a ruler, how good can it get."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import streamlit as st

from app.fitting import Fit, fits
from app.lab.errors import show_errors
from app.lab.learning import show_learning
from app.lab.length import show_length
from app.lab.marks import interval
from app.lab.probabilities import show_probabilities
from app.lab.versions import show_versions
from app.lab.weighs import show_weighs
from app.lab.where import show_where
from app.language import N_, _, _n, date, number, percent
from app.reasons import FAMILIES
from app.reward_charts import accuracies, accuracy_chart, beaten_by, finding, not_told_apart
from app.session import person, project, store
from data.schemas import Project, StoredModel
from rankers.pairs import FLAG_POLICIES, WEIGHTINGS, PairRules, Policy, Weight
from reward_model.card import as_json, markdown, without_names
from reward_model.fit import ALL, FitRules

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
LENGTH_HELP = N_(
    "Length is fitted beside everything else and then counts for nothing, so that an answer is not scored higher for "
    "being longer."
)
CORRECT_HELP = N_("The log-odds are multiplied by a slope that is fitted on prompts that the model has not seen.")
COIN = math.log(2)
here, state = project(), st.session_state


def fit_rules() -> FitRules:
    families = tuple(family for family in ALL.families if state.get(f"reward_family_{family}", True))
    return FitRules(families, state.get("reward_without_length", False), state.get("reward_calibrated", True))


def start_fit(into: Project) -> None:
    rules = PairRules(state["reward_weighting"], state["reward_flags"])
    state["reward_mine"] = state["reward_awaited"] = fits().start(store(), into, rules, person().name, fit_rules())


@st.fragment(run_every=0.5)
def show_progress(fit: Fit) -> None:
    if not fit.running:
        st.rerun()
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(fit.share(), _("Stopping") if fit.job.stopped else fit.words())
        st.button(_("Cancel"), key="reward_cancel", on_click=fit.job.stop, disabled=fit.job.stopped)


def show_outcome(fit: Fit) -> None:
    if error := fit.job.error():
        st.error(_(error))
    elif fit.version is not None:
        st.success(_("Version {n} is fitted and stored.", n=fit.version))
    else:
        st.info(_("The fit was cancelled. Nothing was stored."))
    for note in fit.notes:
        st.caption(_(note))


def as_on_preferences(options: Sequence[str], key: str) -> int:
    return options.index(state.get(key, options[0]))


def show_fit(into: Project, has_models: bool) -> None:
    fit = fits().of(into.id)
    if fit and fit.running:
        show_progress(fit)
        return
    if fit and (fit == state.get("reward_mine") or fit.job.error()):
        show_outcome(fit)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.button(
            _("Fit a new version") if has_models else _("Fit model"),
            type="primary",
            key="reward_fit",
            on_click=start_fit,
            args=(into,),
            disabled=not fit_rules().families,
        )
        with st.popover(_("Choices")):
            choose_rule(_("What a pair of a long ranking weighs"), WEIGHTINGS, "weighting")
            choose_rule(_("What a flag does to pairs"), FLAG_POLICIES, "flags")
            choose_fit()
    if not fit_rules().families:
        st.caption(_("A model needs features: choose at least one kind of them under “Choices”."))


def choose_fit() -> None:
    st.caption(_("What the model may look at"))
    for family in ALL.families:
        st.checkbox(_(FAMILIES.get(family, family)), True, key=f"reward_family_{family}", persist_state="session")
    st.caption(_("How it is fitted"))
    st.checkbox(
        _("Take out the effect of length"), key="reward_without_length", help=_(LENGTH_HELP), persist_state="session"
    )
    st.checkbox(
        _("Correct the probabilities"), True, key="reward_calibrated", help=_(CORRECT_HELP), persist_state="session"
    )


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


def turn_to_new() -> None:
    """Show the version that was asked for here, once, when it is there."""
    fit = state.get("reward_awaited")
    if fit and not fit.running:
        del state["reward_awaited"]
        if fit.version:
            state["reward_version"] = fit.version


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
    with st.grid(min_column_width=150):
        st.metric(_("Held-out accuracy"), percent(found["accuracy"], 1), help=_(ACCURACY_HELP))
        st.metric(_("95 % interval"), interval(found["accuracy_ci"]), help=_(INTERVAL_HELP))
        st.metric(_("Log-loss"), number(found["log_loss"], 3), help=_(LOG_LOSS_HELP))
        coin = number(coin_brier(found), 3)
        st.metric(_("Brier score"), number(found["brier"], 3), help=_(BRIER_HELP, coin=coin))
        ties = _n("{n} of them is a tie.", "{n} of them are ties.", found["n_ties"])
        st.metric(_("Pairs"), number(found["n_pairs"]), help=ties)
        st.metric(_("Prompts"), number(found["n_groups"]), help=_(PROMPTS_HELP))


def show_answer(card: Mapping[str, Any]) -> None:
    st.subheader(finding(card))
    if better := beaten_by(card):
        st.write(_("A simpler rule is surely better: {rulers}.", rulers=", ".join(better)))
    if rulers := not_told_apart(card):
        st.write(_("These pairs cannot tell it from a simpler rule: {rulers}.", rulers=", ".join(rulers)))
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


def show_model(models: Sequence[StoredModel], into: Project) -> None:
    model = chosen_version(models)
    card = model.card
    show_answer(card)
    show_learning(card)
    labels = [_("Probabilities"), _("Where"), _("What weighs"), _("Length"), _("Errors")]
    tabs = st.tabs([*labels, _("Versions ({n})", n=len(models)), _("Card")])
    for tab, show in zip(tabs, (show_probabilities, show_where, show_weighs, show_length), strict=False):
        with tab:
            show(card)
    with tabs[4]:
        show_errors(card, into, model.version)
    with tabs[5]:
        show_versions(models, into)
    with tabs[6]:
        show_card(model)


def show_card(model: StoredModel) -> None:
    st.write(
        _(
            "All that is known of this version in one file: what it was fitted on, how good it is and where not. "
            "Put it beside the model wherever the model goes."
        )
    )
    named = st.checkbox(_("With the names of annotators"), key="reward_names")
    card = {"version": model.version} | (dict(model.card) if named else without_names(model.card))
    name = f"reward-model-{model.version}-card"
    with st.container(horizontal=True):
        markdown_label = _("Download card of version {n} as Markdown", n=model.version)
        json_label = _("Download card of version {n} as JSON", n=model.version)
        st.download_button(
            markdown_label, lambda: markdown(card), f"{name}.md", "text/markdown", key="reward_card_markdown",
            on_click="ignore",
        )  # fmt: skip
        st.download_button(
            json_label, lambda: as_json(card), f"{name}.json", "application/json", key="reward_card", on_click="ignore"
        )


def show_reward_model() -> None:
    st.title(_("Reward model"))
    if here is None:
        st.write(_("A model that scores answers will appear here as soon as there is a project with judgements."))
        if person().role == "lead":
            st.page_link("screens/data.py", label=_("Load file"))
        return
    turn_to_new()
    models = store().models(here.id)
    if models:
        show_model(models, here)
    else:
        st.write(
            _(
                "No model has been fitted yet. Fit one on the rankings so far, and you see here how well it predicts "
                "people on prompts it has not seen, whether it does more than prefer long answers, and what it weighs."
            )
        )
    show_fit(here, bool(models))


show_reward_model()
