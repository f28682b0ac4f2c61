"""What is judged: a prompt and its candidate responses; and the ids that follow from them."""

import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import Field, model_validator

from data.schemas.base import Language, Name, Schema, Slug, Text, compatible, fingerprint

MIN_RESPONSES, MAX_RESPONSES = 2, 9
MAX_MESSAGES = 200


class Message(Schema):
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: Text


class Response(Schema):
    """One candidate answer; `source` names who wrote it and is hidden from annotators."""

    id: Name
    text: Text
    source: Name | None = None


class Task(Schema):
    """One prompt with 2 to 9 candidate responses.

    `id` is unique in its project and follows from the content, so loading a file twice adds nothing.
    `group` names what must stay on one side of a split: tasks with the same opening prompt share it. `language` is that
    of the prompt, `topics` are the sensitive topics found in the task; both follow from its text, empty before it was
    read. `gold`: a check whose right answer is known.
    """

    id: Name
    prompt: Annotated[tuple[Message, ...], Field(min_length=1, max_length=MAX_MESSAGES)]
    responses: Annotated[tuple[Response, ...], Field(min_length=MIN_RESPONSES, max_length=MAX_RESPONSES)]
    group: Name
    language: Language = ""
    topics: Annotated[tuple[Slug, ...], Field(max_length=30)] = ()
    gold: bool = False

    @model_validator(mode="after")
    def _ids_differ(self) -> "Task":
        if len({r.id for r in self.responses}) != len(self.responses):
            raise ValueError("Two responses have the same id; give each its own.")
        return self

    def response(self, response_id: str) -> Response:
        """The response with this id; KeyError when the task has none."""
        return {r.id: r for r in self.responses}[response_id]


def task_id(prompt: Sequence[Message], responses: Sequence[Response]) -> str:
    """The id of a task with this content, whatever the order of its responses."""
    turns = [part for m in prompt for part in (m.role, m.content)]
    return fingerprint([*turns, "", *sorted(fingerprint([r.text, r.source or ""]) for r in responses)])


def prompt_group(prompt: Sequence[Message]) -> str:
    """The split group of a prompt: the same for prompts that open with the same words.

    Case, punctuation, white space and later turns do not count: a conversation and its continuation stay together.
    """
    opening = next((m.content for m in prompt if m.role == "user"), prompt[0].content)
    plain = re.sub(r"[\W_]+", " ", compatible(opening).casefold()).strip()
    return fingerprint([plain or opening])
