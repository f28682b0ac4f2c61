"""What is remembered of loads and of fits, and what rankings become: pairs."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Annotated, Any

from pydantic import Field

from data.errors import Sentence
from data.schemas.base import FilledText, Name, Schema, Slug, Text
from data.schemas.project import QueueName
from data.schemas.task import Message

UNNAMED = "imported"
"""Who judged, where a file does not say."""


class PreferencePair(Schema):
    """One response preferred to another by one annotator, with all that says where it came from.

    In a tie `chosen` and `rejected` are in no order. `weight` is this pair's share of its ranking; flags are kinds.
    Where `is_edit`, the annotator has rewritten `rejected` as `chosen`, which then is no response of the task: it has
    an id of its own and no source. `chosen_place` and `rejected_place` are where the annotator saw them on the screen,
    counted from 1; None where that is not known, and for an edit. `language` and `topics` are those of the task.
    `probability`: that `chosen` is the better one, where several judgements were weighed; None where none was.
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
    is_edit: bool = False
    chosen_place: Annotated[int, Field(ge=1)] | None = None
    rejected_place: Annotated[int, Field(ge=1)] | None = None
    annotator: str
    weight: Annotated[float, Field(gt=0)] = 1.0
    margin: Annotated[float, Field(ge=0)] | None = None
    judged_at: datetime
    language: str = ""
    topics: tuple[str, ...] = ()
    probability: Annotated[float, Field(ge=0.5, le=1)] | None = None


class Rejection(Schema):
    """A row of a file that could not be used: its number (from 1; 0 for the file as a whole) and one sentence."""

    row: Annotated[int, Field(ge=0)]
    reason: Sentence


class Load(Schema):
    """What one file brought into a project. `rows` = `rows_used` + `rows_rejected`.

    `tasks` and `judgements` count what was new; `rejections` holds the first 1,000 of them. `merged` counts responses
    that said the same as another of their task, `masked` personal data in what was new, by kind (email, phone, card,
    iban, document). `added` names what the project's settings got from the file (“flag spam”), `unasked` what the
    judgements say and the settings lack.
    """

    file: str
    format: str
    licence: str = ""
    rows: int
    rows_used: int
    rows_rejected: int
    tasks: int
    judgements: int
    merged: Annotated[int, Field(ge=0)] = 0
    masked: Mapping[str, Annotated[int, Field(ge=0)]] = {}
    added: tuple[str, ...] = ()
    unasked: tuple[str, ...] = ()
    rejections: tuple[Rejection, ...] = ()
    loaded_by: str
    loaded_at: datetime = Field(default_factory=lambda: datetime.now(UTC))


class StoredModel(Schema):
    """One fitted reward model of a project: its version (from 1) and its card."""

    version: int
    created_by: str
    created_at: datetime
    card: Mapping[str, Any]


class StoredFlagModel(Schema):
    """One fitted flag model of a project: the kind of flag, its version (from 1 for each kind), its card."""

    kind: Slug
    version: int
    created_by: str
    created_at: datetime
    card: Mapping[str, Any]


class QueuedTask(Schema):
    """A task that a queue wants judged; `place` counts from 1, the most urgent. `why` says it for people.

    `again`: it has been judged as often as the project asks for, and one more person is wanted.
    """

    queue: QueueName
    task_id: Name
    place: Annotated[int, Field(ge=1)]
    why: str
    again: bool = False


class WatchedScore(Schema):
    """What the reward model made of an answer of a released model that nobody judged, and when that was written.

    `score` is in logits by the model of this version; `unlike` tells how far the prompt is from all judged ones, 0 to
    1; `flags` maps a kind to the probability that its flag model gives.
    """

    id: str
    source: Name
    written_at: datetime
    prompt: Text
    group: str
    model_version: int
    score: float
    unlike: Annotated[float, Field(ge=0, le=1)]
    flags: Mapping[Slug, float] = {}


class WatchedAnswer(WatchedScore):
    """The same with the answer itself."""

    response: FilledText
