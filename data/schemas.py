"""The words of Rankdesk, typed and validated.

Every model is frozen. `checked` turns pydantic's list of faults into one sentence for people.
"""

import hashlib
import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from data.errors import InputError

MIN_RESPONSES, MAX_RESPONSES = 2, 9
MAX_TEXT = 200_000
"""Characters in one prompt message, response, guideline."""
MAX_NOTE = 5_000
MAX_MESSAGES = 200

FLAGS: Mapping[str, tuple[str, str]] = {
    "toxic": ("Toxic", "Insults, threatens, degrades or demeans a person or a group."),
    "unfactual": ("Unfactual", "States something that is false or that nothing supports."),
    "sensitive-topic": (
        "Sensitive topic",
        "Breaks the project's rule on a sensitive topic: politics, religion, health, nationality and others.",
    ),
    "off-task": ("Off task", "Does not do what the prompt asks for."),
    "spam": ("Spam", "Advertising, filler or text repeated without end."),
    "personal-data": ("Personal data", "Gives away a private person's name, address, number or account."),
}
"""Kind of flag → its label and its definition, in the order in which they are shown."""
SKIP_REASONS: Mapping[str, str] = {
    "language": "I do not read this language well enough",
    "expertise": "I do not know enough about this topic",
    "broken": "The prompt or the answers are broken",
    "upsetting": "I do not want to read this",
    "other": "Another reason",
}


def _readable(text: str) -> str:
    """Text that every store and file format can hold; pydantic itself refuses half of a surrogate pair."""
    if "\x00" in text:
        raise ValueError("contains a NUL character; remove it")
    return text


def _not_blank(text: str) -> str:
    if not text.strip():
        raise ValueError("is empty; give it some text")
    return text


Text = Annotated[str, Field(max_length=MAX_TEXT), AfterValidator(_readable)]
FilledText = Annotated[Text, AfterValidator(_not_blank)]
Note = Annotated[str, Field(max_length=MAX_NOTE), AfterValidator(_readable)]
Name = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_readable), AfterValidator(_not_blank)]
Ranking = tuple[tuple[str, ...], ...]
"""Tiers of response ids, best first; two ids in one tier are a tie."""


class Schema(BaseModel):
    """What all schemas share: frozen, no unknown fields, no NaN or infinity."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


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
    `group` names what must stay on one side of a split: tasks with the same opening prompt share it.
    """

    id: Name
    prompt: Annotated[tuple[Message, ...], Field(min_length=1, max_length=MAX_MESSAGES)]
    responses: Annotated[tuple[Response, ...], Field(min_length=MIN_RESPONSES, max_length=MAX_RESPONSES)]
    group: Name

    @model_validator(mode="after")
    def _ids_differ(self) -> "Task":
        if len({r.id for r in self.responses}) != len(self.responses):
            raise ValueError("two responses have the same id; give each its own")
        return self

    def response(self, response_id: str) -> Response:
        """The response with this id; KeyError when the task has none."""
        return {r.id: r for r in self.responses}[response_id]


class Flag(Schema):
    """A marked fault of one response."""

    response_id: Name
    kind: Literal["toxic", "unfactual", "sensitive-topic", "off-task", "spam", "personal-data"]
    note: Note = ""


class Judgement(Schema):
    """What one annotator said of one task; a change is a new revision, nothing is overwritten.

    `shown_order` lists the response ids as they stood on the screen; empty where nobody knows (imports).
    `seconds` is the time from showing to submitting. `margin` is a strength of preference from an imported file.
    """

    task_id: Name
    annotator: Name
    status: Literal["submitted", "skipped", "withdrawn"] = "submitted"
    ranking: Ranking = ()
    none_acceptable: bool = False
    flags: tuple[Flag, ...] = ()
    comment: Note = ""
    skip_reason: Literal["language", "expertise", "broken", "upsetting", "other"] | None = None
    shown_order: tuple[str, ...] = ()
    seconds: Annotated[float, Field(ge=0)] | None = None
    margin: Annotated[float, Field(ge=0)] | None = None
    revision: Annotated[int, Field(ge=1)] = 1
    idempotency_key: Annotated[str, Field(min_length=1, max_length=300)]
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    @model_validator(mode="after")
    def _consistent(self) -> "Judgement":
        placed = [i for tier in self.ranking for i in tier]
        if len(set(placed)) != len(placed):
            raise ValueError("a response stands in the ranking twice; place each once")
        if any(not tier for tier in self.ranking):
            raise ValueError("the ranking has an empty tier; remove it")
        if len({(f.response_id, f.kind) for f in self.flags}) != len(self.flags):
            raise ValueError("the same flag is set twice on one response; set it once")
        if (self.status == "skipped") != (self.skip_reason is not None):
            raise ValueError("a skipped task needs a reason, and only a skipped task has one")
        if self.status == "submitted" and not (self.ranking or self.none_acceptable or self.flags):
            raise ValueError("nothing is ranked or flagged; rank the answers, flag one, or skip the task")
        return self


class PreferencePair(Schema):
    """One response preferred to another by one annotator, with all that says where it came from.

    In a tie `chosen` and `rejected` are in no order. `weight` is this pair's share of its ranking; flags are kinds.
    """

    task_id: str
    group: str
    prompt: tuple[Message, ...]
    chosen_id: str
    rejected_id: str
    chosen: str
    rejected: str
    chosen_source: str | None = None
    rejected_source: str | None = None
    chosen_flags: tuple[str, ...] = ()
    rejected_flags: tuple[str, ...] = ()
    tie: bool = False
    annotator: str
    weight: Annotated[float, Field(gt=0)] = 1.0
    margin: Annotated[float, Field(ge=0)] | None = None
    judged_at: datetime


class Project(Schema):
    """A campaign: one guideline, its tasks, its settings. `overlap` is how many people judge each task."""

    id: int = 0
    name: Name
    guideline: Text = ""
    overlap: Annotated[int, Field(ge=1, le=100)] = 1
    seed: int = 0


class Rejection(Schema):
    """A row of a file that could not be used: its number (from 1; 0 for the file as a whole) and one sentence."""

    row: Annotated[int, Field(ge=0)]
    reason: str


class Load(Schema):
    """What one file brought into a project. `rows` = `rows_used` + `rows_rejected`.

    `tasks` and `judgements` count what was new; `rejections` holds the first 1,000 of them.
    """

    file: str
    format: str
    licence: str = ""
    rows: int
    rows_used: int
    rows_rejected: int
    tasks: int
    judgements: int
    rejections: tuple[Rejection, ...] = ()
    loaded_by: str
    loaded_at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class StoredModel(Schema):
    """One fitted reward model of a project: its version (from 1) and its card."""

    version: int
    created_by: str
    created_at: datetime
    card: Mapping[str, Any]


AnySchema = TypeVar("AnySchema", bound=Schema)


def checked(schema: type[AnySchema], values: Mapping[str, Any], where: str = "") -> AnySchema:
    """`schema(**values)`, or an InputError of one sentence that begins with `where` and names the field."""
    try:
        return schema.model_validate(values)
    except ValidationError as error:
        raise InputError(f"{where}: {_sentence(error)}" if where else _sentence(error)) from None


_SAID: Mapping[str, str] = {
    "missing": "is missing; add it",
    "extra_forbidden": "is not a field that is known here; remove or rename it",
    "string_type": "is not text; write it as text",
    "string_unicode": "is not readable text (half of a surrogate pair); remove it",
    "string_too_short": "is empty; give it some text",
    "string_too_long": "is longer than {max_length} characters; shorten it",
    "too_short": "has {actual_length}, and needs at least {min_length}; add more",
    "too_long": "has {actual_length}, and can have at most {max_length}; remove some",
    "literal_error": "must be one of {expected}; choose one of them",
    "finite_number": "is not a finite number; correct it",
}
"""What a fault is called for people, by pydantic's name for it."""


def _sentence(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    field = ".".join(str(part) for part in first["loc"])
    message = _SAID.get(first["type"], first["msg"].removeprefix("Value error, ")).format(**first.get("ctx", {}))
    more = f" ({error.error_count() - 1} more)" if error.error_count() > 1 else ""
    return f"{field}: {message}{more}." if field else f"{message[:1].upper()}{message[1:]}{more}."


def check_fits(judgement: Judgement, task: Task) -> None:
    """Raise InputError unless the judgement speaks of this task and of its responses only."""
    known = {r.id for r in task.responses}
    placed = {i for tier in judgement.ranking for i in tier} | {f.response_id for f in judgement.flags}
    if judgement.task_id != task.id:
        raise InputError("This judgement belongs to another task; reload the page and judge again.")
    if placed - known:
        raise InputError("This judgement names an answer that the task does not have; reload the page and judge again.")
    if judgement.shown_order and sorted(judgement.shown_order) != sorted(known):
        raise InputError("The shown order does not list the answers of this task; reload the page and judge again.")


def fingerprint(parts: Iterable[str]) -> str:
    """32 hexadecimal digits that follow from the parts and their borders (BLAKE2b, 128 bits)."""
    digest = hashlib.blake2b(digest_size=16)
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass")
        digest.update(len(raw).to_bytes(8, "big") + raw)
    return digest.hexdigest()


def task_id(prompt: Sequence[Message], responses: Sequence[Response]) -> str:
    """The id of a task with this content, whatever the order of its responses."""
    turns = [part for m in prompt for part in (m.role, m.content)]
    return fingerprint([*turns, "", *sorted(fingerprint([r.text, r.source or ""]) for r in responses)])


def prompt_group(prompt: Sequence[Message]) -> str:
    """The split group of a prompt: the same for prompts that open with the same words.

    Case, punctuation, white space and later turns do not count: a conversation and its continuation stay together.
    """
    opening = next((m.content for m in prompt if m.role == "user"), prompt[0].content)
    plain = re.sub(r"[\W_]+", " ", unicodedata.normalize("NFKC", opening).casefold()).strip()
    return fingerprint([plain or opening])


def submission_key(task_id: str, annotator: str, base_revision: int) -> str:
    """The idempotency key of what an annotator submits on top of a revision (0 when there is none yet).

    Two tabs, a double click and a retry build the same key, so only one of them is stored.
    """
    return fingerprint([task_id, annotator, str(base_revision)])
