"""Try it: why does it prefer this answer."""

import math
from collections.abc import Sequence

import streamlit as st

from app.fitted import loaded
from app.language import N_, _, number, percent, signed
from app.pair_to_try import take_pair, task_called, tasks_to_try
from app.reasons import families_frame, family_sums, parts_frame, words_frame
from app.render import RENDER_CSS, response_html
from app.reward_charts import weights_chart
from app.session import person, project, store
from app.word_colours import WORDS_CSS, coloured_html, legend_html, strongest_push
from data.errors import InputError
from data.schemas import (
    MAX_RESPONSES,
    MAX_TEXT,
    MIN_RESPONSES,
    Message,
    Project,
    StoredModel,
    Task,
    prompt_group,
)
from reward_model.explain import Contribution, contributions_of_difference, explanation
from reward_model.features import Item, prompt_text
from reward_model.model import RewardModel
from reward_model.seen import NAMED

LETTERS = "ABCDEFGHI"
NOTHING = 0.005
"""Less than this reads as 0."""
here, state = project(), st.session_state


def set_count(count: int) -> None:
    state["try_count"] = min(max(count, MIN_RESPONSES), MAX_RESPONSES)


def remove_answer(at: int) -> None:
    for n in range(at, state["try_count"] - 1):
        state[f"try_answer_{n}"] = state.get(f"try_answer_{n + 1}", "")
    state[f"try_answer_{state['try_count'] - 1}"] = ""
    set_count(state["try_count"] - 1)


def take_task(found: dict[str, Task]) -> None:
    task = found.get(state["try_task"])
    state["try_task"] = None
    if task:
        take_pair(prompt_text(task.prompt), [response.text for response in task.responses])


def show_tasks(into: Project) -> None:
    with st.popover(_("Take a task of the project"), width="content"):
        words = st.text_input(_("Words of its prompt"), key="try_words")
        found = {task.id: task for task in tasks_to_try(store().tasks(into.id), words)}
        if not found:
            st.write(_("No task without an empty answer has these words in its prompt."))
            return
        st.selectbox(
            _("Task"),
            list(found),
            index=None,
            format_func=lambda name: task_called(found[name]),
            placeholder=_("Choose a task"),
            key="try_task",
            on_change=take_task,
            args=(found,),
        )


def chosen_model(into: Project, models: list[StoredModel]) -> RewardModel:
    versions = [model.version for model in models]
    if len(versions) == 1:
        return loaded(into.id, versions[0])
    if state.get("try_version") not in versions:
        state["try_version"] = versions[0]
    version = st.selectbox(_("Version"), versions, key="try_version", persist_state="session", width=160)
    return loaded(into.id, version)


def show_inputs(into: Project) -> list[Item]:
    count: int = state.setdefault("try_count", MIN_RESPONSES)
    prompt = st.text_area(_("Prompt"), key="try_prompt", height=110, max_chars=MAX_TEXT, persist_state="session")
    with st.grid(2, min_column_width=320):
        answers = [show_answer_box(n, count) for n in range(count)]
    with st.container(horizontal=True):
        st.button(_("Score answers"), type="primary", key="try_score")
        full = count >= MAX_RESPONSES
        st.button(_("Add answer"), key="try_add", on_click=set_count, args=(count + 1,), disabled=full)
        show_tasks(into)
    return [(prompt, answer) for answer in answers]


def show_answer_box(n: int, count: int) -> str:
    with st.container(gap="xsmall"):
        label = _("Answer {name}", name=LETTERS[n])
        text: str = st.text_area(label, key=f"try_answer_{n}", height=160, max_chars=MAX_TEXT, persist_state="session")
        if count > MIN_RESPONSES:
            label = _("Remove answer {name}", name=LETTERS[n])
            st.button(label, key=f"try_remove_{n}", on_click=remove_answer, args=(n,), type="tertiary")
    return text


def show_order(names: list[str], items: list[Item], scores: list[float]) -> None:
    best = max(scores)
    tied = sum(score == best for score in scores) > 1
    preferred = _("Answer {name} is preferred", name=names[scores.index(best)])
    st.subheader(_("The best two are equal") if tied else preferred)
    st.html(f"<style>{RENDER_CSS}</style>")
    for place, n in enumerate(sorted(range(len(scores)), key=lambda n: -scores[n]), start=1):
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(_("**{place}. Answer {name}**", place=place, name=names[n]))
                score = _("score {score}", score=signed(scores[n]))
                st.badge(score, color="blue" if scores[n] == best else "gray")
                if scores[n] < best:
                    share = percent(chance(scores[n] - best))
                    st.caption(_("preferred to the first by {share} of people, says the model", share=share))
            with st.expander(_("Show answer")):
                st.html(response_html(items[n][1]))


def chance(difference: float) -> float:
    return 1 / (1 + math.exp(-difference))


def show_reasons(model: RewardModel, names: list[str], items: list[Item], scores: list[float]) -> None:
    order = sorted(range(len(scores)), key=lambda n: -scores[n])
    st.subheader(_("Why"))
    with st.container(horizontal=True):
        better = st.selectbox(_("Answer"), order, format_func=lambda n: names[n], key="try_better", width=120)
        others = [n for n in order if n != better]
        worse = st.selectbox(_("beside answer"), others, format_func=lambda n: names[n], key="try_worse", width=120)
    parts = contributions_of_difference(model, items[better], items[worse])
    if not parts:
        st.write(_("Nothing that the model weighs differs between these two answers."))
        return
    st.write(reason(names[better], names[worse], parts))
    show_families(parts)
    show_words(model, {names[n]: items[n] for n in (better, worse)})
    show_features(parts, names[better], names[worse])


def show_families(parts: Sequence[Contribution]) -> None:
    title = _("How much each kind of feature pushes")
    st.altair_chart(weights_chart(families_frame(parts), title, _("Difference (logits)")), alt=title)


def show_words(model: RewardModel, items: dict[str, Item]) -> None:
    st.subheader(_("The words that push"))
    found = {name: explanation(model, item) for name, item in items.items()}
    strongest = max(strongest_push(one.words) for one in found.values())
    st.html(f"<style>{RENDER_CSS}{WORDS_CSS}</style>{legend_html()}")
    with st.grid(2, min_column_width=320):
        for name, one in found.items():
            with st.container(gap="xsmall"):
                title, inside = _("Answer {name}", name=name), sum(word.value for word in one.words)
                st.markdown(f"**{title}**")
                st.html(coloured_html(items[name][1], one.words, strongest, title))
                beyond = sum(part.value for part in one.others)
                sums = {"words": signed(inside), "others": signed(beyond), "score": signed(inside + beyond)}
                st.caption(_("Words {words}, length, style and prompt {others}: score {score}", **sums))
                with st.expander(_("Words and their numbers")):
                    frame = words_frame(items[name][1], one)
                    st.dataframe(frame.rename(columns=_), hide_index=True)
                    st.caption(_("The weights add up to the score."))


def show_features(parts: Sequence[Contribution], better: str, worse: str) -> None:
    frame = parts_frame(parts)
    title = _("What speaks for {better} (right) and for {worse} (left)", better=better, worse=worse)
    st.altair_chart(weights_chart(frame, title, _("Difference (logits)")), alt=title)
    with st.expander(_("Numbers behind the chart")):
        st.dataframe(frame[["Feature", "Weight", "Also"]].rename(columns=_), hide_index=True)
        st.caption(_("The weights add up to the difference of the two scores."))


def reason(better: str, worse: str, parts: Sequence[Contribution]) -> str:
    gap = sum(part.value for part in parts)
    higher = N_(
        "{better} scores {gap} higher than {worse}: the model gives it {share} to be preferred. By kind of feature: "
        "{sums}."
    )
    lower = N_(
        "{better} scores {gap} lower than {worse}: the model gives it {share} to be preferred. By kind of feature: "
        "{sums}."
    )
    sums = family_sums(parts)
    shown = {name: value for name, value in sums.items() if abs(value) >= NOTHING} or sums
    each = ", ".join(f"{_(name).lower()} {signed(value)}" for name, value in shown.items())
    said = {"better": better, "worse": worse, "gap": number(abs(gap), 2), "share": percent(chance(gap))}
    return _(higher if gap >= 0 else lower, **said, sums=each)


def show_scores(model: RewardModel, items: list[Item]) -> None:
    given = [(LETTERS[n], item) for n, item in enumerate(items) if item[1].strip()]
    if len(given) < MIN_RESPONSES:
        st.write(_("Give at least two answers some text. Their scores, their order and the reasons will appear here."))
        return
    names, filled = [name for name, _ in given], [item for _, item in given]
    scores = [float(score) for score in model.scores(filled)]
    show_order(names, filled, scores)
    st.caption(
        _(
            "A score says nothing by itself: 0 is a typical answer of the training data, and the difference of two "
            "scores is the log-odds that people prefer one to the other."
        )
    )
    if saw_prompt(model, filled[0][0]):
        st.caption(_("The model was fitted on answers to this prompt: its scores here are no test of it."))
    show_reasons(model, names, filled, scores)


def saw_prompt(model: RewardModel, prompt: str) -> bool:
    group = prompt_group([Message(role="user", content=prompt)]) if prompt.strip() else ""
    return bool(group) and (model.saw(group) or model.saw(NAMED + group))


def show_try_it() -> None:
    st.title(_("Try it"))
    if here is None:
        st.write(_("You can score answers here as soon as there is a project with a fitted reward model."))
        if person().role == "lead":
            st.page_link("screens/data.py", label=_("Load file"))
        return
    models = store().models(here.id)
    if not models:
        st.write(_("You can type a prompt and answers here, and see how the reward model scores them. Fit one first."))
        st.page_link("screens/reward_model.py", label=_("Reward model"))
        return
    try:
        with st.spinner(_("Loading the model")):
            model = chosen_model(here, models)
    except InputError as error:
        st.error(_(str(error)))
        st.page_link("screens/reward_model.py", label=_("Reward model"))
        return
    show_scores(model, show_inputs(here))


show_try_it()
