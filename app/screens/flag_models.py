"""Flag models: what they would mark, how far that can be trusted, and what people should look at again."""

from collections.abc import Mapping
from html import escape
from typing import Any

import streamlit as st

from app.colours import colours_of
from app.flag_charts import curve_chart, curve_frame, in_words
from app.flag_fitting import FROM, SAMPLED, Fitting, fitting, fittings, flag_models, limits, suspected
from app.language import N_, _, _n, number, percent
from app.session import person, project, store
from data.errors import InputError
from data.schemas import FlagKind, Project, StoredFlagModel, Task
from reward_model.flag_suspects import Suspect

PAGE = 10
MODES = {
    "off": N_("Never shown to annotators"),
    "after": N_("Shown after they have submitted"),
    "before": N_("Shown while they judge, and stored with the judgement"),
}
here, state = project(), st.session_state
is_lead = person().role == "lead"


def start(into: Project, kind: str) -> None:
    fittings()[into.id, kind] = fitting(store(), into, kind, state.get("flags_sample", True), person().name)


@st.fragment(run_every=0.5)
def show_progress(job: Fitting) -> None:
    if not job.running:
        st.rerun()
    done, total = job.progress
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(done / total, _("{done} of {total} small fits", done=done, total=total))
        st.button(_("Cancel"), key="flags_cancel", on_click=job.stop, disabled=job.stopped)


def show_fit(into: Project, kind: str, has_model: bool) -> None:
    job = fittings().get((into.id, kind))
    if job and job.running:
        show_progress(job)
        return
    if job and job.error():
        st.error(_(job.error()))
    if kind == SAMPLED:
        st.checkbox(
            _("Begin from the sample: 12,754 comments in English and Chinese that people called toxic or not"),
            value=True, key="flags_sample",
        )  # fmt: skip
    label = _("Fit again") if has_model else _("Fit model")
    st.button(label, type="primary", key="flags_fit", on_click=start, args=(into, kind))


def change(into: Project, **values: Any) -> None:
    if person().role != "lead":  # the browser may press what is disabled
        return
    try:
        store().update_project(into.model_copy(update=values), into)
    except InputError as error:
        state["flags_error"] = str(error)


def keep_threshold(into: Project, kind: str) -> None:
    change(into, thresholds=dict(into.thresholds) | {kind: state[f"flags_from_{kind}"] / 100})


def keep_mode(into: Project) -> None:
    change(into, suggestions=state["flags_mode"])


def show_mode(into: Project) -> None:
    st.selectbox(
        _("What annotators see of the suggestions"), list(MODES), list(MODES).index(into.suggestions),
        format_func=lambda mode: _(MODES[mode]), key="flags_mode", on_change=keep_mode, args=(into,),
        disabled=not is_lead, width=460,
    )  # fmt: skip
    if message := state.pop("flags_error", ""):
        st.error(_(message))


def show_card(into: Project, kind: FlagKind, model: StoredFlagModel) -> None:
    threshold = limits(into)[kind.kind]
    st.subheader(in_words(model.card, threshold))
    chart = curve_chart(model.card, threshold, colours_of(f.kind for f in into.flags)[kind.kind])
    st.altair_chart(chart, alt=in_words(model.card, threshold))
    st.slider(
        _("Marks an answer from this probability on (%)"), 1, 99, round(100 * into.thresholds.get(kind.kind, FROM)),
        key=f"flags_from_{kind.kind}", on_change=keep_threshold, args=(into, kind.kind), disabled=not is_lead,
    )  # fmt: skip
    show_numbers(model.card)
    with st.expander(_("Numbers behind the chart")):
        st.dataframe(curve_frame(model.card), hide_index=True)


def show_numbers(card: Mapping[str, Any]) -> None:
    found = card["metrics"]
    with st.grid(min_column_width=150):
        st.metric(_("AUC"), number(found["auc"], 3), help=_("0.5 is chance, 1 is perfect."))
        st.metric(_("95 % interval"), "–".join(number(edge, 2) for edge in found["auc_ci"]))
        st.metric(_("Average precision"), number(found["average_precision"], 3))
        st.metric(_("Flagged by people"), percent(found["prevalence"], 1), help=_("What marking at random would get."))
    st.caption(", ".join(_origin(part) for part in card["fitted_on"]))


def _origin(part: Mapping[str, Any]) -> str:
    origin = part["origin"] or _("This project")
    return _("{origin}: {flagged} of {n} flagged", origin=origin, flagged=number(part["flagged"]), n=number(part["n"]))


@st.cache_data(show_spinner=False, max_entries=4)
def found_suspects(_into: Project, which: tuple[Any, ...]) -> list[Suspect]:
    """What is marked and nobody flagged; `which` says when it must be looked for anew."""
    return suspected(store(), _into)


def show_review(into: Project, kind: FlagKind) -> None:
    which = (into.id, store().size(into.id), tuple(store().flag_versions(into.id).items()), str(into.thresholds))
    found = [one for one in found_suspects(into, which) if one.kind == kind.kind]
    st.subheader(_n("{n} answer to look at", "{n} answers to look at", len(found)))
    st.write(_("It would mark these, and nobody has flagged them. What pushed it most is marked; people decide."))
    pages = max(1, -(-len(found) // PAGE))
    page = (st.pagination(pages, key="flags_page") or 1) if pages > 1 else 1
    for one in found[(page - 1) * PAGE : page * PAGE]:
        show_suspect(into, one)
    if found:
        st.page_link("screens/next.py", label=_("Have these judged: “Suspected faults” on “What next”"))


def show_suspect(into: Project, one: Suspect) -> None:
    task = store().task(into.id, one.task_id)
    said = [j for j in store().judgements(into.id) if j.task_id == one.task_id]
    with st.container(border=True):
        judged = _n("{n} person judged it", "{n} people judged it", len(said))
        st.caption(f"{percent(one.probability)} · {judged}")
        st.html(marked(into, one, task))


def marked(into: Project, one: Suspect, task: Task) -> str:
    """The beginning of the answer, with what pushed most marked."""
    text = task.response(one.response_id).text[:1_000]
    pushed = sorted(flag_models(store(), into)[one.kind].passages(text), key=lambda passage: -passage.adds)[:5]
    strong = sorted((p.start, p.end) for p in pushed if p.adds > 0)
    parts, at = list[str](), 0
    for start, end in strong:
        parts += [escape(text[at:start]), f"<mark>{escape(text[start:end])}</mark>"]
        at = end
    return f'<p dir="auto" style="white-space: pre-wrap">{"".join([*parts, escape(text[at:])])}</p>'


def show_flag_models() -> None:
    st.title(_("Flag models"))
    if here is None:
        st.write(_("A model for each kind of flag will appear here as soon as there is a project."))
        return
    kinds = {flag.kind: flag for flag in here.flags}
    kind = kinds[
        st.selectbox(_("Flag"), list(kinds), format_func=lambda k: _(kinds[k].label), key="flags_kind", width=300)
    ]
    models = [model for model in store().flag_models(here.id) if model.kind == kind.kind]
    if models:
        show_card(here, kind, models[0])
    else:
        st.write(_("No model has been fitted for this flag. It learns from what people flagged."))
    show_fit(here, kind.kind, bool(models))
    show_mode(here)
    if kind.kind in flag_models(store(), here):
        show_review(here, kind)


show_flag_models()
