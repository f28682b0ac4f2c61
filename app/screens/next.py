"""What next: which tasks are given out before the others, and what came of it."""

from collections import Counter
from collections.abc import Mapping
from functools import partial

import pandas as pd
import streamlit as st

from app.language import N_, _, _n, number, percent, signed
from app.queue_filling import worded
from app.queue_jobs import Work, comparing, filling, jobs
from app.session import person, project, store
from app.slices import choose_slice, in_order
from data.errors import InputError
from data.schemas import CONTROL_SHARE, Project, QueueName, Slice, Task
from data.store import Size
from rankers.contested import Opinions, opinions

QUEUES: Mapping[QueueName, tuple[str, str]] = {
    "informative": (
        N_("Most informative"),
        N_("What the reward model learns most from: it is unsure of these tasks, and their answers are new."),
    ),
    "disagreement": (
        N_("Confident disagreements"),
        N_("Judgements that the model is sure are wrong. Another person judges these tasks, and is told nothing."),
    ),
    "contested": (
        N_("Contested"),
        N_("Tasks on which people disagree. One more person judges them."),
    ),
    "suspects": (
        N_("Suspected faults"),
        N_("Tasks with an answer that a flag model would flag, and that nobody has flagged."),
    ),
}
CHANCE = N_("By chance")
NEED_MODEL: tuple[QueueName, ...] = ("informative", "disagreement")
FIRST = 3
LONGEST = 240
MOST = round(100 * (1 - CONTROL_SHARE))
state = st.session_state


def label(queue: QueueName) -> str:
    return _(QUEUES[queue][0]) if queue in QUEUES else _(CHANCE)


def shares(here: Project) -> dict[QueueName, float]:
    """What the sliders say."""
    said = {queue: state.get(f"next_{queue}_{here.id}", 0) / 100 for queue in QUEUES}
    return {queue: share for queue, share in said.items() if share}


def save_and_fill(here: Project) -> None:
    wanted = here.model_copy(update={"queues": shares(here)})
    try:
        store().update_project(wanted, here)
    except InputError as error:
        state["next_error"] = str(error)
        return
    jobs().start("filling", here, partial(filling, store(), wanted, state.get("next_slice")))
    state["next_filled"] = True


def compare(here: Project) -> None:
    jobs().start("comparing", here, partial(comparing, store(), here))


@st.fragment(run_every=0.5)
def show_progress(work: Work, kind: str) -> None:
    if not work.running:
        st.rerun()
    doing, left = work.progress, work.seconds_left(work.progress.share)
    counts = {"done": number(doing.done), "total": number(doing.total)}
    said = _("{what}: {done} of {total}", what=_(doing.what), **counts) if doing.total > 1 else _(doing.what)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.progress(
            doing.share, said if left is None else _("{said}, about {left} s left", said=said, left=number(left))
        )
        st.button(_("Cancel"), key=f"next_cancel_{kind}", on_click=work.stop, disabled=work.stopped)


def show_filled(work: Work) -> None:
    if work.error():
        st.error(_(work.error()))
    elif work.stopped:
        st.info(_("The filling was cancelled. Queues that were not reached are as they were."))
    elif filled := work.result().filled:
        n, chance = sum(filled.values()), number(filled.get("random", 0))
        held = _n(
            "The queues hold {n} task, {chance} of them drawn by chance.",
            "The queues hold {n} tasks, {chance} of them drawn by chance.",
            n, chance=chance,
        )  # fmt: skip
        st.success(held)
    else:
        st.success(_("The queues are empty."))


@st.cache_data(max_entries=4, show_spinner=False)
def slices_here(project_id: int, size: Size) -> Mapping[Slice, int]:
    """The topics and languages of the tasks; `size` changes with everything that is added or read."""
    return store().slices(project_id)


def show_action(here: Project, taken: int) -> None:
    work = jobs().of(here.id, "filling")
    if work and work.running:
        show_progress(work, "filling")
        return
    if fault := state.pop("next_error", ""):
        st.error(_(fault))
    elif work and state.get("next_filled"):
        show_filled(work)
    if choose_slice(here, in_order(slices_here(here.id, store().size(here.id))), "next_slice"):
        st.caption(_("Only such tasks are put into the queues, until they are filled anew."))
    st.button(
        _("Save and fill queues"),
        type="primary",
        key="next_fill",
        on_click=save_and_fill,
        args=(here,),
        disabled=taken > MOST,
    )


def show_control(taken: int) -> None:
    if taken > MOST:
        said = _("The queues take {share} of the tasks. Leave at least {control} to the usual order, as a control.",
                 share=percent(taken / 100), control=percent(CONTROL_SHARE))  # fmt: skip
        st.error(said)
        return
    said = _("In the usual order, as the control: {share} of the tasks.", share=percent(1 - taken / 100))
    st.write(said)
    st.caption(_("One in five second opinions is on a judgement drawn by chance, to hold the others against."))


def show_queue(here: Project, queue: QueueName, waiting: int, may_change: bool, has_model: bool) -> None:
    with st.container(border=True):
        words, share = st.columns([3, 2], gap="medium", vertical_alignment="center")
        with words:
            st.subheader(label(queue), anchor=False)
            st.caption(_(QUEUES[queue][1]))
            said = _n("{n} task waits.", "{n} tasks wait.", waiting) if waiting else _("Nothing waits.")
            st.text(said)
        with share:
            begin = round(100 * here.queues.get(queue, 0.0))
            key = f"next_{queue}_{here.id}"
            st.slider(_("Share of the tasks given out, %"), 0, MOST, begin, 5, key=key, disabled=not may_change)
        if queue in NEED_MODEL and not has_model:
            st.text(_("It needs a reward model; none is fitted yet."))
            st.page_link("screens/reward_model.py", label=_("Fit model"))
        if waiting:
            show_first(here, queue)


def show_first(here: Project, queue: QueueName) -> None:
    with st.expander(_("What comes first")):
        for n, one in enumerate(store().queue(here.id, queue, FIRST), start=1):
            with st.container(border=True):
                st.text(f"{number(n)}. {worded(one.why)}")
                show_task(store().task(here.id, one.task_id))


def show_task(task: Task) -> None:
    """The prompt's last turn and the answers, each begun; hostile text, so plain."""
    st.caption(_("Prompt"))
    st.text(begun(task.prompt[-1].content))
    for n, response in enumerate(task.responses, start=1):
        st.caption(_("Answer {n}", n=number(n)))
        st.text(begun(response.text) or _("This answer is empty."))


def begun(text: str) -> str:
    short = " ".join(text[: 2 * LONGEST].split())
    return short if len(short) <= LONGEST else f"{short[:LONGEST]}…"


@st.cache_data(max_entries=4, show_spinner=False)
def what_came(project_id: int, size: Size) -> tuple[dict[QueueName, int], dict[QueueName, Opinions]]:
    """Judgements and second opinions by queue; `size` changes with everything that is added."""
    judgements = store().judgements(project_id)
    counts = Counter(one.queue for one in judgements if one.queue)
    return dict(counts), {one.queue: one for one in opinions(judgements)}


def show_results(here: Project) -> None:
    counts, found = what_came(here.id, store().size(here.id))
    if not counts:
        return
    st.header(_("What came of it"), anchor=False)
    st.text(finding(found))
    order: list[QueueName] = [*QUEUES, "random"]
    rows = [row(queue, counts[queue], found.get(queue)) for queue in order if queue in counts]
    st.dataframe(pd.DataFrame(rows), hide_index=True)
    st.caption(
        _("A second opinion has changed a label when it puts a pair of answers the other way round than the first did.")
    )
    if found:
        show_worth(here)


def row(queue: QueueName, given: int, said: Opinions | None) -> dict[str, str | int]:
    share = percent(said.changed / said.n) if said else ""
    low, high = interval(said.changed, said.n) if said else (0.0, 0.0)
    between = _("{low} to {high}", low=percent(low), high=percent(high)) if said else ""
    return {
        _("Queue"): label(queue),
        _("Judgements"): given,
        _("Second opinions"): said.n if said else 0,
        _("Labels changed"): said.changed if said else 0,
        _("Share changed"): share,
        _("95 % interval"): between,
    }


def interval(hits: int, n: int) -> tuple[float, float]:
    """95 % interval of a share (Wilson 1927)."""
    z2 = 1.96**2
    middle, width = (hits + z2 / 2) / (n + z2), 1.96 / (n + z2) * (hits * (n - hits) / n + z2 / 4) ** 0.5
    return max(middle - width, 0.0), min(middle + width, 1.0)


def finding(found: Mapping[QueueName, Opinions]) -> str:
    chosen, chance = found.get("disagreement"), found.get("random")
    if not chosen:
        return _("No second opinion on a confident disagreement has come in yet.")
    said = percent(chosen.changed / chosen.n)
    if not chance:
        return _("Second opinions changed {share} of the confident disagreements.", share=said)
    return _(
        "Second opinions changed {share} of the confident disagreements, and {chance} of judgements drawn by chance.",
        share=said, chance=percent(chance.changed / chance.n),
    )  # fmt: skip


def show_worth(here: Project) -> None:
    """Held-out accuracy without the second opinions and with them."""
    work = jobs().of(here.id, "comparing")
    if work and work.running:
        show_progress(work, "comparing")
        return
    if work and not work.stopped:
        show_compared(work)
    st.button(_("Compare accuracy before and after"), key="next_compare", on_click=compare, args=(here,))


def show_compared(work: Work) -> None:
    if work.error():
        st.error(_(work.error()))
        return
    found = work.result().compared
    if found is None:
        st.text(_("There is nothing to compare yet: no second opinion has become a pair, or no other task is judged."))
        return
    with st.container(horizontal=True, gap="medium"):
        st.metric(_("Accuracy without second opinions"), percent(found["before"], 1))
        st.metric(_("Accuracy with them"), percent(found["after"], 1))
        st.metric(_("Difference, points"), signed(100 * (found["after"] - found["before"]), 1))
    low, high = (signed(100 * edge, 1) for edge in found["ci"])
    st.caption(
        _(
            "On the same {n} pairs of prompts that were not fitted on, none of them judged again; 95 % interval of the "
            "difference {low} to {high} points.", n=number(found["n_pairs"]), low=low, high=high,
        )
    )  # fmt: skip


def show_next(here: Project) -> None:
    st.caption(
        _(
            "Tasks are given out in the usual order, unless you turn on queues. Annotators see nothing of it: neither "
            "why a task is theirs nor what others said."
        )
    )
    may_change, has_model = person().role == "lead", bool(store().models(here.id))
    sizes, top = store().queue_sizes(here.id), st.container()
    for queue in QUEUES:
        show_queue(here, queue, sizes.get(queue, 0), may_change, has_model)
    taken = round(100 * sum(shares(here).values()))
    with top:
        show_control(taken)
        if may_change:
            show_action(here, taken)
    show_results(here)


st.title(_("What next"))
open_project = project()
if open_project is None:
    st.write(_("What is judged next is set here. A project begins with a file of prompts and answers."))
    st.page_link("screens/data.py", label=_("Load file"))
else:
    show_next(open_project)
