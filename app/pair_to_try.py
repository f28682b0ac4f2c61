"""Two answers handed to the page Try it, from a stored task or from another page."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import islice

import streamlit as st

from data.schemas import MAX_RESPONSES, Task
from reward_model.features import prompt_text

MOST_FOUND, LONGEST_NAME = 50, 120


def take_pair(prompt: str, answers: Sequence[str], version: int | None = None) -> None:
    """Fill the page Try it with a prompt and 2 to 9 answers, scored by this version; then switch to the page."""
    state = st.session_state
    state["try_prompt"], state["try_count"] = prompt, len(answers[:MAX_RESPONSES])
    for n, answer in enumerate(answers[:MAX_RESPONSES]):
        state[f"try_answer_{n}"] = answer
    if version is not None:
        state["try_version"] = version


def whole_pair(task: Task, *starts: str) -> tuple[str, tuple[str, ...]]:
    """The prompt of a stored task, and its shortest answers that begin so; what none begins with stays as it is."""
    texts = sorted((response.text for response in task.responses), key=len)
    return prompt_text(task.prompt), tuple(next((t for t in texts if t.startswith(start)), start) for start in starts)


def tasks_to_try(tasks: Iterable[Task], words: str = "") -> list[Task]:
    """The first of these tasks whose prompt has all these words, of those without an empty answer."""
    return list(islice(_matching(tasks, words.casefold().split()), MOST_FOUND))


def _matching(tasks: Iterable[Task], words: Sequence[str]) -> Iterator[Task]:
    for task in tasks:
        prompt = prompt_text(task.prompt).casefold()
        if all(word in prompt for word in words) and all(response.text.strip() for response in task.responses):
            yield task


def task_called(task: Task) -> str:
    """A task in a list: the beginning of its prompt, on one line."""
    return " ".join(prompt_text(task.prompt).split())[:LONGEST_NAME]
