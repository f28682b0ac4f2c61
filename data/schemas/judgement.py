"""What an annotator says of a task, and whether it fits that task and its project."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Annotated, Literal

from pydantic import Field, model_validator

from data.errors import InputError, Sentence
from data.schemas.base import FilledText, Name, Note, Ranking, Schema, Slug, Text, fingerprint
from data.schemas.flag import Flag, Suggestion
from data.schemas.project import MAX_CRITERIA, Project, QueueName
from data.schemas.task import MAX_RESPONSES, Task

SKIP_REASONS: Mapping[str, str] = {
    "language": "I do not read this language well enough",
    "expertise": "I do not know enough about this topic",
    "broken": "The prompt or the answers are broken",
    "upsetting": "I do not want to read this",
    "other": "Another reason",
}
STRENGTHS: Mapping[str, float] = {"significantly": 1.0, "better": 2 / 3, "slightly": 1 / 3, "negligibly": 0.0}
"""How much better one of two responses is → the margin, as small as Llama 2 has it: Touvron 2023, arXiv 2307.09288."""
Score = Annotated[int, Field(ge=1, le=7)]


class Edit(Schema):
    """An annotator's corrected version of a response."""

    response_id: Name
    text: FilledText


class Judgement(Schema):
    """What one annotator said of one task; a change is a new revision, nothing is overwritten.

    `criteria` maps a criterion to the ranking by it, `scores` a response id to its score. `unrankable`: every response
    is wrong, so none can be ranked. `reference` is an answer of the annotator's own. `shown_order` lists the response
    ids as they stood on the screen; empty where nobody knows (imports). `seconds` is the time spent on the task.
    `margin` says by how much the better of two responses is better: one of STRENGTHS, or what an imported file has.
    `suggested` are the flags that the annotator was shown as proposals before submitting. `queue`: why the task was
    given out; None where no queue was on.
    """

    task_id: Name
    annotator: Name
    status: Literal["submitted", "skipped", "withdrawn"] = "submitted"
    ranking: Ranking = ()
    criteria: Annotated[Mapping[Slug, Ranking], Field(max_length=MAX_CRITERIA)] = {}
    scores: Annotated[Mapping[Name, Score], Field(max_length=MAX_RESPONSES)] = {}
    none_acceptable: bool = False
    unrankable: bool = False
    flags: tuple[Flag, ...] = ()
    edits: Annotated[tuple[Edit, ...], Field(max_length=MAX_RESPONSES)] = ()
    reference: Text = ""
    comment: Note = ""
    skip_reason: Literal["language", "expertise", "broken", "upsetting", "other"] | None = None
    shown_order: tuple[str, ...] = ()
    seconds: Annotated[float, Field(ge=0)] | None = None
    margin: Annotated[float, Field(ge=0)] | None = None
    suggested: Annotated[tuple[Suggestion, ...], Field(max_length=200)] = ()
    queue: QueueName | None = None
    revision: Annotated[int, Field(ge=1)] = 1
    idempotency_key: Annotated[str, Field(min_length=1, max_length=300)]
    created_at: datetime = Field(default_factory=lambda: datetime.now(UTC))

    @model_validator(mode="after")
    def _rankings_are_sound(self) -> "Judgement":
        for ranking in (self.ranking, *self.criteria.values()):
            placed = [i for tier in ranking for i in tier]
            if len(set(placed)) != len(placed):
                raise ValueError("A response stands in the ranking twice; place each once.")
            if any(not tier for tier in ranking):
                raise ValueError("The ranking has an empty tier; remove it.")
        if self.unrankable and (self.ranking or any(self.criteria.values())):
            raise ValueError("Answers that cannot be ranked have a ranking; remove it, or say that they can be ranked.")
        return self

    @model_validator(mode="after")
    def _said_once(self) -> "Judgement":
        if len({(f.response_id, f.kind) for f in self.flags}) != len(self.flags):
            raise ValueError("The same flag is set twice on one response; set it once.")
        if len({edit.response_id for edit in self.edits}) != len(self.edits):
            raise ValueError("One response is rewritten twice; rewrite it once.")
        return self

    @model_validator(mode="after")
    def _something_is_said(self) -> "Judgement":
        if (self.status == "skipped") != (self.skip_reason is not None):
            raise ValueError("A skipped task needs a reason, and only a skipped task has one.")
        if self.status == "submitted" and not self._says_something():
            raise ValueError("Nothing is ranked or flagged; rank the answers, flag one, or skip the task.")
        return self

    def _says_something(self) -> bool:
        marked = self.none_acceptable or self.unrankable
        return bool(marked or self.ranking or self.flags or self.edits or self.reference.strip())

    def named(self) -> set[str]:
        """The ids of the responses of which this judgement says something."""
        rankings = (self.ranking, *self.criteria.values())
        placed = {i for ranking in rankings for tier in ranking for i in tier}
        flagged, edited = {f.response_id for f in self.flags}, {edit.response_id for edit in self.edits}
        return placed | flagged | edited | set(self.scores)


def check_fits(judgement: Judgement, task: Task) -> None:
    """Raise InputError unless the judgement speaks of this task and of its responses only."""
    texts = {r.id: r.text for r in task.responses}
    if judgement.task_id != task.id:
        raise InputError("This judgement belongs to another task; reload the page and judge again.")
    if judgement.named() - texts.keys():
        raise InputError("This judgement names an answer that the task does not have; reload the page and judge again.")
    if judgement.shown_order and sorted(judgement.shown_order) != sorted(texts):
        raise InputError("The shown order does not list the answers of this task; reload the page and judge again.")
    if any(span.end > len(texts[flag.response_id]) for flag in judgement.flags for span in flag.spans):
        raise InputError("A flag marks words beyond the end of its answer; reload the page and mark them again.")
    if any(edit.text == texts[edit.response_id] for edit in judgement.edits):
        raise InputError("A rewritten answer is the same as the answer; change it, or take the rewriting back.")
    if judgement.margin is not None and len(texts) != 2:
        raise InputError("How much better an answer is can be said of two answers only; reload the page.")


def check_asked(judgement: Judgement, project: Project) -> None:
    """Raise InputError unless the judgement says only what its project asks for: flags, topics, criteria, scores."""
    _only(_NO_FLAG, (f.kind for f in judgement.flags), (f.kind for f in project.flags))
    _only(_NO_TOPIC, (f.topic for f in judgement.flags if f.topic), (t.topic for t in project.topics))
    _only(_NO_CRITERION, judgement.criteria, (c.criterion for c in project.criteria))
    if judgement.scores and not project.scores:
        raise InputError("This project asks for no scores; reload the page and judge again.")


_NO_FLAG = Sentence("This project has no flag “{name}”; reload the page to see what it has.")
_NO_TOPIC = Sentence("This project has no topic “{name}”; reload the page to see what it has.")
_NO_CRITERION = Sentence("This project has no criterion “{name}”; reload the page to see what it has.")


def _only(fault: Sentence, said: Iterable[str], known: Iterable[str]) -> None:
    if beyond := set(said) - set(known):
        raise InputError(fault, name=min(beyond))


def submission_key(task_id: str, annotator: str, base_revision: int) -> str:
    """The idempotency key of what an annotator submits on top of a revision (0 when there is none yet).

    Two tabs, a double click and a retry build the same key, so only one of them is stored.
    """
    return fingerprint([task_id, annotator, str(base_revision)])
