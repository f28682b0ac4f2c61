"""Try it: why does it prefer this answer."""

import math
import random

import streamlit as st

from app.render import RENDER_CSS, response_html
from app.reward_charts import family_sums, parts_frame, weights_chart
from app.session import person, project, store
from data.schemas import MAX_RESPONSES, MAX_TEXT, MIN_RESPONSES, Project, StoredModel
from reward_model.explain import contributions_of_difference
from reward_model.features import Item, prompt_text
from reward_model.model import RewardModel, model_from

LETTERS = "ABCDEFGHI"
here, state = project(), st.session_state


@st.cache_resource(show_spinner="Loading the model", max_entries=4)
def loaded(project_id: int, version: int) -> RewardModel:
    """A stored model, ready to score."""
    card = next(m.card for m in store().models(project_id) if m.version == version)
    return model_from(card, store().model_weights(project_id, version))


def set_count(count: int) -> None:
    state["try_count"] = min(max(count, MIN_RESPONSES), MAX_RESPONSES)


def remove_answer(at: int) -> None:
    for n in range(at, state["try_count"] - 1):
        state[f"try_answer_{n}"] = state.get(f"try_answer_{n + 1}", "")
    state[f"try_answer_{state['try_count'] - 1}"] = ""
    set_count(state["try_count"] - 1)


def take_task(project_id: int) -> None:
    tasks = [task for task in store().tasks(project_id) if all(r.text.strip() for r in task.responses)]
    if not tasks:
        return
    task = random.choice(tasks)  # noqa: S311 (which example is shown is no secret)
    state["try_prompt"] = prompt_text(task.prompt)
    set_count(len(task.responses))
    for n, response in enumerate(task.responses):
        state[f"try_answer_{n}"] = response.text


def chosen_model(into: Project, models: list[StoredModel]) -> RewardModel:
    versions = [model.version for model in models]
    if len(versions) == 1:
        return loaded(into.id, versions[0])
    if state.get("try_version") not in versions:
        state["try_version"] = versions[0]
    number = st.selectbox("Version", versions, key="try_version", persist_state="session", width=160)
    return loaded(into.id, number)


def show_inputs(into: Project) -> list[Item]:
    count: int = state.setdefault("try_count", MIN_RESPONSES)
    prompt = st.text_area("Prompt", key="try_prompt", height=110, max_chars=MAX_TEXT, persist_state="session")
    with st.grid(2, min_column_width=320):
        answers = [show_answer_box(n, count) for n in range(count)]
    with st.container(horizontal=True):
        st.button("Score answers", type="primary", key="try_score")
        full = count >= MAX_RESPONSES
        st.button("Add answer", key="try_add", on_click=set_count, args=(count + 1,), disabled=full)
        st.button("Take a task of the project", key="try_take", on_click=take_task, args=(into.id,))
    return [(prompt, answer) for answer in answers]


def show_answer_box(n: int, count: int) -> str:
    with st.container(gap="xsmall"):
        text: str = st.text_area(
            f"Answer {LETTERS[n]}", key=f"try_answer_{n}", height=160, max_chars=MAX_TEXT, persist_state="session"
        )
        if count > MIN_RESPONSES:
            label = f"Remove answer {LETTERS[n]}"
            st.button(label, key=f"try_remove_{n}", on_click=remove_answer, args=(n,), type="tertiary")
    return text


def show_order(names: list[str], items: list[Item], scores: list[float]) -> None:
    best = max(scores)
    tied = sum(score == best for score in scores) > 1
    st.subheader("The best two are equal" if tied else f"Answer {names[scores.index(best)]} is preferred")
    st.html(f"<style>{RENDER_CSS}</style>")
    for place, n in enumerate(sorted(range(len(scores)), key=lambda n: -scores[n]), start=1):
        with st.container(border=True):
            with st.container(horizontal=True, vertical_alignment="center"):
                st.markdown(f"**{place}. Answer {names[n]}**")
                st.badge(f"score {signed(scores[n])}", color="blue" if scores[n] == best else "gray")
                if scores[n] < best:
                    st.caption(f"preferred to the first by {chance(scores[n] - best):.0%} of people, says the model")
            with st.expander("Show answer"):
                st.html(response_html(items[n][1]))


def signed(number: float) -> str:
    return f"{number:+.2f}".replace("-", "−")


def chance(difference: float) -> float:
    return 1 / (1 + math.exp(-difference))


def show_reasons(model: RewardModel, names: list[str], items: list[Item], scores: list[float]) -> None:
    order = sorted(range(len(scores)), key=lambda n: -scores[n])
    st.subheader("Why")
    with st.container(horizontal=True):
        better = st.selectbox("Answer", order, format_func=lambda n: names[n], key="try_better", width=120)
        others = [n for n in order if n != better]
        worse = st.selectbox("beside answer", others, format_func=lambda n: names[n], key="try_worse", width=120)
    parts = contributions_of_difference(model, items[better], items[worse])
    if not parts:
        st.write("Nothing that the model weighs differs between these two answers.")
        return
    gap = sum(part.value for part in parts)
    sums = ", ".join(f"{name.lower()} {signed(value)}" for name, value in family_sums(parts).items())
    st.write(
        f"{names[better]} scores {abs(gap):.2f} {'higher' if gap >= 0 else 'lower'} than {names[worse]}: "
        f"the model gives it {chance(gap):.0%} to be preferred. By kind of feature: {sums}."
    )
    frame = parts_frame(parts)
    title = f"What speaks for {names[better]} (right) and for {names[worse]} (left)"
    st.altair_chart(weights_chart(frame, title, "Difference (logits)"), alt=title)
    with st.expander("Numbers behind the chart"):
        st.dataframe(frame[["Feature", "Weight", "Also"]], hide_index=True)
        st.caption("The weights add up to the difference of the two scores.")


def show_scores(model: RewardModel, items: list[Item]) -> None:
    given = [(LETTERS[n], item) for n, item in enumerate(items) if item[1].strip()]
    if len(given) < MIN_RESPONSES:
        st.write("Give at least two answers some text. Their scores, their order and the reasons will appear here.")
        return
    names, filled = [name for name, _ in given], [item for _, item in given]
    scores = [float(score) for score in model.scores(filled)]
    show_order(names, filled, scores)
    st.caption(
        "A score says nothing by itself: 0 is a typical answer of the training data, and the difference of two scores "
        "is the log-odds that people prefer one to the other."
    )
    show_reasons(model, names, filled, scores)


def show_try_it() -> None:
    st.title("Try it")
    if here is None:
        st.write("You can score answers here as soon as there is a project with a fitted reward model.")
        if person().role == "lead":
            st.page_link("screens/data.py", label="Load file")
        return
    models = store().models(here.id)
    if not models:
        st.write("You can type a prompt and answers here, and see how the reward model scores them. Fit one first.")
        st.page_link("screens/reward_model.py", label="Reward model")
        return
    model = chosen_model(here, models)
    show_scores(model, show_inputs(here))


show_try_it()
