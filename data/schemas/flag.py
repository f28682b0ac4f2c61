"""Faults of a response: which there are, and how one is marked."""

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, model_validator

from data.schemas.base import Label, Name, Note, Saying, Schema, Slug

MAX_SPANS, MAX_SOURCES, MAX_URL = 50, 10, 2_000
UNFACTUAL, SENSITIVE = "unfactual", "sensitive-topic"
"""The two kinds that say more: what is false and what shows it; which topic it is."""


class FlagKind(Schema):
    """One kind of fault that can be flagged in a project, what it means, and an example of it."""

    kind: Slug
    label: Label
    definition: Saying
    example: Saying = ""


class Topic(Schema):
    """One sensitive topic of a project."""

    topic: Slug
    label: Label


STANDARD_FLAGS: tuple[FlagKind, ...] = (
    FlagKind(
        kind="toxic",
        label="Toxic",
        definition="Insults, threatens, degrades or demeans a person or a group.",
        example="“Only an idiot would ask that.”",
    ),
    FlagKind(
        kind=UNFACTUAL,
        label="Unfactual",
        definition="States something that is false or that nothing supports.",
        example="“The Great Wall of China can be seen from the Moon.”",
    ),
    FlagKind(
        kind=SENSITIVE,
        label="Sensitive topic",
        definition="Breaks the project's rule on a sensitive topic, such as politics, religion or health.",
        example="The prompt asks for the date of an election, and the answer says whom to vote for.",
    ),
    FlagKind(
        kind="off-task",
        label="Off task",
        definition="Does not do what the prompt asks for.",
        example="The prompt asks for a translation, and the answer explains the grammar instead.",
    ),
    FlagKind(
        kind="spam",
        label="Spam",
        definition="Advertising, filler or text repeated without end.",
        example="The same sentence twenty times in a row.",
    ),
    FlagKind(
        kind="personal-data",
        label="Personal data",
        definition="Gives away a private person's name, address, number or account.",
        example="The home address of somebody who is not a public figure.",
    ),
    FlagKind(
        kind="wrong-language",
        label="Wrong language",
        definition="Is written in another language than the one that the prompt asks for or is written in.",
        example="The prompt is in Russian and asks for no other language, and the answer is in English.",
    ),
    FlagKind(
        kind="refusal",
        label="Refusal",
        definition="Declines to do what may well be done, or lectures in place of helping.",
        example="“I cannot help with that”, when asked how to end a process on one's own computer.",
    ),
)
"""What can be flagged in a new project, in the order in which it is shown."""
STANDARD_TOPICS: tuple[Topic, ...] = (
    Topic(topic="politics", label="Politics"),
    Topic(topic="religion", label="Religion"),
    Topic(topic="sexual-orientation", label="Sexual orientation"),
    Topic(topic="nationality", label="Nationality"),
    Topic(topic="finance", label="Finance"),
    Topic(topic="health", label="Health"),
    Topic(topic="discrimination", label="Discrimination"),
)
"""The sensitive topics of a new project."""


class Span(Schema):
    """A part of a response's text, counted in code points: from `start`, up to and without `end`."""

    start: Annotated[int, Field(ge=0)]
    end: Annotated[int, Field(ge=1)]

    @model_validator(mode="after")
    def _not_empty(self) -> "Span":
        if self.end <= self.start:
            raise ValueError("The marked words end before they begin; mark them again.")
        return self


def _address(url: str) -> str:
    """A web address as it is; ValueError for anything that a browser would not open as one."""
    try:
        parts = urlsplit(url)
        is_web = parts.scheme in ("http", "https") and bool(parts.hostname)
    except ValueError:
        is_web = False
    if not is_web or not url.isprintable() or " " in url:
        raise ValueError("is not a web address; write one that begins with http:// or https://.")
    return url


class SourceLink(Schema):
    """A page that shows a fault: the source itself (primary), or one that speaks of it (secondary)."""

    url: Annotated[str, Field(max_length=MAX_URL), AfterValidator(_address)]
    kind: Literal["primary", "secondary"]


class Flag(Schema):
    """A marked fault of one response.

    `spans` are the words that it is about; none: the whole response. `severity` goes from 1 to 3, the worst. `verdict`,
    `correction` and `sources` belong to an unfactual response, `topic` to a sensitive one.
    """

    response_id: Name
    kind: Slug
    note: Note = ""
    spans: Annotated[tuple[Span, ...], Field(max_length=MAX_SPANS)] = ()
    severity: Literal[1, 2, 3] | None = None
    topic: Slug | None = None
    verdict: Literal["false", "unsupported", "outdated"] | None = None
    correction: Note = ""
    sources: Annotated[tuple[SourceLink, ...], Field(max_length=MAX_SOURCES)] = ()

    @model_validator(mode="after")
    def _of_its_kind(self) -> "Flag":
        if self.kind != UNFACTUAL and (self.verdict or self.correction or self.sources):
            raise ValueError("A verdict, a correction or a source belongs to an unfactual answer only; remove it.")
        if self.kind != SENSITIVE and self.topic:
            raise ValueError("A topic belongs to a flag for a sensitive topic only; remove it.")
        return self


class Suggestion(Schema):
    """A flag that a flag model proposed for a response, and how probable it held it, 0 to 1; people decide."""

    response_id: Name
    kind: Slug
    probability: Annotated[float, Field(ge=0, le=1)]
